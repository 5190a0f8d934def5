package dev.inkling.model.hosted;

import dev.inkling.model.Reply.Headroom;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the headers of a response say about pace: how much is left, and how long to wait.
 *
 * @param values the values of a header, whose name is in lower case
 * @param clock for headers that name a moment
 */
record RateLimits(Function<String, List<String>> values, Clock clock) {
  /** Go's way to write a time: 6m0s, 20ms, 1h2m3.5s. */
  private static final Pattern SPAN = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ms|s|m|h|d)");

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,12}(\\.[0-9]{1,9})?");

  /** OpenAI's headers, also sent by many who speak like it. */
  Headroom openAi() {
    return new Headroom(
        count("x-ratelimit-remaining-requests"),
        header("x-ratelimit-reset-requests").flatMap(RateLimits::span),
        count("x-ratelimit-remaining-tokens"),
        header("x-ratelimit-reset-tokens").flatMap(RateLimits::span));
  }

  /** Anthropic's headers. */
  Headroom anthropic() {
    return new Headroom(
        count("anthropic-ratelimit-requests-remaining"),
        header("anthropic-ratelimit-requests-reset").flatMap(this::until),
        count("anthropic-ratelimit-tokens-remaining"),
        header("anthropic-ratelimit-tokens-reset").flatMap(this::until));
  }

  /** How long the provider asks to wait: milliseconds, seconds, or a date (RFC 9110, 10.2.3). */
  Optional<Duration> retryAfter() {
    Optional<Duration> millis =
        header("retry-after-ms").filter(RateLimits::number).map(v -> seconds(v, 1e-3));
    return millis.isPresent() ? millis : header("retry-after").flatMap(this::secondsOrDate);
  }

  private Optional<Duration> secondsOrDate(String value) {
    if (number(value)) {
      return Optional.of(seconds(value, 1));
    }
    try {
      return Optional.of(
          fromNow(ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant()));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private Optional<Duration> until(String moment) {
    try {
      return Optional.of(fromNow(OffsetDateTime.parse(moment).toInstant()));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private Duration fromNow(Instant moment) {
    Duration wait = Duration.between(clock.instant(), moment);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  static Optional<Duration> span(String value) {
    if (number(value)) {
      return Optional.of(seconds(value, 1));
    }
    Matcher parts = SPAN.matcher(value);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (parts.find() && parts.start() == end) {
      end = parts.end();
      sum = sum.plus(seconds(parts.group(1), unit(parts.group(2))));
    }
    return end == value.length() && end > 0 ? Optional.of(sum) : Optional.empty();
  }

  private static double unit(String unit) {
    return switch (unit) {
      case "ms" -> 1e-3;
      case "m" -> 60;
      case "h" -> 3600;
      case "d" -> 86400;
      default -> 1;
    };
  }

  private static boolean number(String value) {
    return NUMBER.matcher(value).matches();
  }

  private static Duration seconds(String number, double unit) {
    return Duration.ofNanos(Math.round(Double.parseDouble(number) * unit * 1e9));
  }

  private OptionalLong count(String name) {
    return header(name)
        .filter(v -> v.matches("[0-9]{1,18}"))
        .map(v -> OptionalLong.of(Long.parseLong(v)))
        .orElse(OptionalLong.empty());
  }

  private Optional<String> header(String name) {
    List<String> found = values.apply(name.toLowerCase(Locale.ROOT));
    return found.isEmpty() ? Optional.empty() : Optional.of(found.getFirst().strip());
  }
}
