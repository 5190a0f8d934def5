package dev.inkling.model.hosted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.model.Reply.Headroom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The headers as providers document them. */
class RateLimitsTest {
  private static final Clock NOW =
      Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC);

  @Test
  void openAisHeadroom() {
    assertThat(
            limits(
                    Map.of(
                        "x-ratelimit-remaining-requests", "59",
                        "x-ratelimit-reset-requests", "20ms",
                        "x-ratelimit-remaining-tokens", "149984",
                        "x-ratelimit-reset-tokens", "6m0s"))
                .openAi())
        .isEqualTo(
            new Headroom(
                OptionalLong.of(59),
                Optional.of(Duration.ofMillis(20)),
                OptionalLong.of(149984),
                Optional.of(Duration.ofMinutes(6))));
  }

  @Test
  void anthropicsHeadroom() {
    assertThat(
            limits(
                    Map.of(
                        "anthropic-ratelimit-requests-remaining", "3",
                        "anthropic-ratelimit-requests-reset", "2026-11-22T12:00:30Z",
                        "anthropic-ratelimit-tokens-remaining", "0",
                        "anthropic-ratelimit-tokens-reset", "2026-11-22T11:59:00Z"))
                .anthropic())
        .isEqualTo(
            new Headroom(
                OptionalLong.of(3),
                Optional.of(Duration.ofSeconds(30)),
                OptionalLong.of(0),
                Optional.of(Duration.ZERO)));
  }

  @Test
  void whatIsNotSaidIsUnknown() {
    assertThat(limits(Map.of()).openAi()).isEqualTo(Headroom.UNKNOWN);
    assertThat(limits(Map.of("x-ratelimit-remaining-requests", "-1")).openAi())
        .isEqualTo(Headroom.UNKNOWN);
  }

  @Test
  void spansOfTime() {
    assertThat(RateLimits.span("1h2m3.5s")).contains(Duration.parse("PT1H2M3.5S"));
    assertThat(RateLimits.span("1d")).contains(Duration.ofDays(1));
    assertThat(RateLimits.span("12")).contains(Duration.ofSeconds(12));
    assertThat(RateLimits.span("soon")).isEmpty();
    assertThat(RateLimits.span("1s later")).isEmpty();
    assertThat(RateLimits.span("")).isEmpty();
  }

  @Test
  void allFormsOfRetryAfter() {
    assertThat(limits(Map.of("retry-after", "2")).retryAfter()).contains(Duration.ofSeconds(2));
    assertThat(limits(Map.of("retry-after", "0.5")).retryAfter()).contains(Duration.ofMillis(500));
    assertThat(limits(Map.of("retry-after", "Sun, 22 Nov 2026 12:01:00 GMT")).retryAfter())
        .contains(Duration.ofMinutes(1));
    assertThat(limits(Map.of("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT")).retryAfter())
        .contains(Duration.ZERO);
    assertThat(limits(Map.of("retry-after", "2", "retry-after-ms", "150")).retryAfter())
        .contains(Duration.ofMillis(150));
    assertThat(limits(Map.of("retry-after", "tomorrow")).retryAfter()).isEmpty();
  }

  private static RateLimits limits(Map<String, String> headers) {
    return new RateLimits(
        name -> headers.containsKey(name) ? List.of(headers.get(name)) : List.of(), NOW);
  }
}
