package dev.inkling.provider;

import dev.inkling.provider.Wire.Request;
import dev.inkling.provider.Wire.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** How the provider says no. */
final class Refusal {
  private Refusal() {}

  /** Too many requests; the headers say how long to wait. */
  static Response tooMany(Dialect dialect, Map<String, String> limits, Map<String, String> wait) {
    Map<String, String> all = new LinkedHashMap<>(limits);
    all.putAll(wait);
    return Response.json(
        429,
        all,
        dialect.error(429, "rate_limit_error", "rate_limit_exceeded", "Rate limit reached"));
  }

  /** The header that asks to wait so long. */
  static Map<String, String> millis(long wait) {
    return Map.of("retry-after-ms", Long.toString(wait));
  }

  /** What a fault that is not billed looks like. */
  static Response of(Fault fault, Dialect dialect, long wait, Map<String, String> limits) {
    return switch (fault) {
      case RATE_LIMIT ->
          tooMany(
              dialect,
              limits,
              Map.of("Retry-After", Long.toString(Duration.ofMillis(wait).toSeconds())));
      case RATE_LIMIT_DATE ->
          tooMany(
              dialect,
              limits,
              Map.of(
                  "Retry-After",
                  DateTimeFormatter.RFC_1123_DATE_TIME.format(
                      ZonedDateTime.now(ZoneOffset.UTC).plus(Duration.ofMillis(wait)))));
      case RATE_LIMIT_MS -> tooMany(dialect, limits, millis(wait));
      case QUOTA -> error(dialect, 429, "insufficient_quota", "You exceeded your current quota");
      case ERROR_500 -> error(dialect, 500, "server_error", "The server had an error");
      case OVERLOADED -> error(dialect, 529, "overloaded_error", "Overloaded");
      case TIMEOUT_408 -> error(dialect, 408, "timeout", "Request timeout");
      case CONFLICT_409 -> error(dialect, 409, "conflict", "Conflict");
      case BAD_REQUEST ->
          error(dialect, 400, "invalid_request_error", "'temperature' is not supported");
      case UNPROCESSABLE ->
          Response.json(422, Map.of(), "{\"detail\": \"max_tokens is too large\"}");
      case FORBIDDEN -> error(dialect, 403, "permission_error", "Your country is not served");
      case MODEL_GONE ->
          error(dialect, 404, "model_not_found", "The model does not exist or was shut down");
      default ->
          new Response(
              502, "text/html", Map.of(), "<h1>Bad gateway</h1>".getBytes(StandardCharsets.UTF_8));
    };
  }

  /** An error in the words of the interface. */
  static Response error(Dialect dialect, int status, String code, String message) {
    return Response.json(status, Map.of(), dialect.error(status, code, code, message));
  }

  /** What somebody without the right key gets; empty for everybody else. */
  static Optional<Response> badKey(Behaviour behaviour, Request request, Dialect dialect) {
    String wanted = behaviour.key();
    String given =
        request
            .headers()
            .getOrDefault(
                "x-api-key",
                request.headers().getOrDefault("authorization", "").replaceFirst("^Bearer ", ""));
    if (wanted == null || wanted.equals(given)) {
      return Optional.empty();
    }
    // OpenAI shows a part of the key; worse servers show all of it.
    String shown =
        given.length() > 12 ? given.substring(0, 6) + "****" + given.substring(10) : given;
    return Optional.of(
        Response.json(
            401,
            Map.of(),
            dialect.error(
                401,
                "invalid_request_error",
                "invalid_api_key",
                "Incorrect API key provided: " + shown + " (" + given + ")")));
  }
}
