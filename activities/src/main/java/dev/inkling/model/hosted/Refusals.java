package dev.inkling.model.hosted;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What it means that there is no answer: whether asking again can help, and what to do. The words
 * are the provider's, without keys; what an SDK has thrown is not kept as a cause, since its
 * message holds the response as it came.
 */
record Refusals(Endpoint endpoint, Credentials credentials) {
  /** A 429 that no waiting helps: the account is out of money. */
  private static final Set<String> UNPAID =
      Set.of(
          "insufficient_quota",
          "billing_hard_limit_reached",
          "billing_not_active",
          "billing_error");

  /** An explanation longer than this is a web page. */
  private static final int LONGEST = 500;

  /** A response with an error status. */
  ModelException status(int status, RateLimits limits, Optional<JsonNode> body) {
    String code = body.map(Refusals::code).orElse("");
    String words = words(body);
    String said =
        endpoint.name() + " answered " + status + (words.isEmpty() ? "" : ": " + sentence(words));
    Optional<Duration> wait = limits.retryAfter();
    return switch (status) {
      case 401 -> badKey(said);
      // The key is good, but its project may not use this model: another key is one way out.
      case 403 -> code.contains("model_not_found") ? refused(said, "") : badKey(said);
      case 402 -> refused(said, " Pay at the provider, then resume.");
      case 404 -> refused(said, notFound(words));
      case 429 ->
          UNPAID.stream().anyMatch(code::contains)
              ? refused(said, " Pay at the provider, then resume.")
              : new ModelException(Reason.RATE_LIMITED, said, wait);
      // 408 and 425: too late and too early; 409: a lock at the provider.
      case 408, 409, 425 -> new ModelException(Reason.UNAVAILABLE, said, wait);
      default ->
          status >= 500
              ? new ModelException(Reason.UNAVAILABLE, said, wait)
              : refused(said, status < 400 ? addressHint() : "");
    };
  }

  private String notFound(String words) {
    return words.toLowerCase(Locale.ROOT).contains("model") ? "" : addressHint();
  }

  private String addressHint() {
    return " Is the address right? See " + endpoint.urlVariable() + ".";
  }

  private ModelException badKey(String said) {
    return new ModelException(
        Reason.MISSING_CREDENTIAL,
        said + " Set " + endpoint.keyVariable() + " to a key that may use this model.");
  }

  private static ModelException refused(String said, String next) {
    return new ModelException(Reason.REFUSED, said + next);
  }

  /** A server that answers one question at a time only. */
  ModelException noBatches() {
    return refused(endpoint.name() + " has no batches; leave out batch: true.", "");
  }

  /** No response, or half of one. */
  ModelException lost(Throwable failure) {
    String why = "";
    for (Throwable t = failure; t != null; t = t.getCause()) {
      why = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
      // OkHttp cancels a call only when its time is up.
      if (t instanceof InterruptedIOException || why.equals("Canceled")) {
        why = "it took too long";
        break;
      }
    }
    return new ModelException(
        Reason.UNAVAILABLE, "no answer from " + endpoint + ": " + credentials.scrub(cut(why)));
  }

  /** A response with status 200 that is none. */
  ModelException nonsense(String what) {
    return new ModelException(
        Reason.UNAVAILABLE,
        endpoint.name() + " answered nonsense: " + credentials.scrub(cut(what)));
  }

  /** A response with status 200 that holds an error, as some gateways do. */
  ModelException hiddenError(Optional<JsonNode> error) {
    return error.isEmpty()
        ? nonsense("neither an answer nor an error")
        : new ModelException(
            Reason.UNAVAILABLE,
            endpoint.name() + " answered 200 with an error: " + sentence(words(error)));
  }

  /**
   * An answer that ends for a reason nobody has heard of; it was paid, so it is not asked again.
   */
  ModelException unknownEnd(String reason) {
    return "error".equals(reason) || "abort".equals(reason)
        ? new ModelException(
            Reason.UNAVAILABLE, endpoint.name() + " broke the answer off: " + reason)
        : refused(endpoint.name() + " ended the answer for an unknown reason: " + reason, "");
  }

  private String words(Optional<JsonNode> body) {
    return credentials.scrub(
        cut(body.flatMap(Refusals::message).orElse("").strip().replaceAll("\\s+", " ")));
  }

  /** OpenAI and Anthropic say error.message, vLLM message, FastAPI detail. */
  private static Optional<String> message(JsonNode body) {
    JsonNode error = error(body);
    return Stream.of(error.path("message"), error, body.path("message"), body.path("detail"), body)
        .filter(JsonNode::isTextual)
        .map(JsonNode::textValue)
        .findFirst();
  }

  private static String code(JsonNode body) {
    JsonNode error = error(body);
    return error.path("code").asText("") + " " + error.path("type").asText("");
  }

  private static JsonNode error(JsonNode body) {
    return body.has("error") ? body.get("error") : body;
  }

  private static String sentence(String words) {
    return words.isEmpty() || words.endsWith(".") ? words : words + ".";
  }

  private static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }
}
