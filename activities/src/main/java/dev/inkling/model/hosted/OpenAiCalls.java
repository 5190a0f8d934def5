package dev.inkling.model.hosted;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.core.JsonValue;
import com.openai.core.http.Headers;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIInvalidDataException;
import com.openai.errors.OpenAIServiceException;
import dev.inkling.model.ModelException;
import dev.inkling.model.hosted.Connection.Call;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Calls of OpenAI's client, with what goes wrong in our words.
 *
 * @param clock for what providers say in dates
 */
record OpenAiCalls(Refusals refusals, Clock clock) {
  static {
    // Two classes that say another status, before anything here is compiled. While there is only
    // one, C1 takes every exception for it, also one whose class is loaded while call runs in a
    // virtual thread (seen with JDK 25.0.3): a 500 was read as a 404, and the stage gave up.
    Headers none = Headers.builder().build();
    Object _ = NotFoundException.builder().headers(none).error(Optional.empty()).build();
    Object _ =
        InternalServerException.builder()
            .statusCode(500)
            .headers(none)
            .error(Optional.empty())
            .build();
  }

  /** What the call gives, or why it gives nothing. */
  <T> T call(Call<T> call) throws ModelException, InterruptedException {
    try {
      return call.run();
    } catch (OpenAIServiceException e) {
      throw refusals.status(e.statusCode(), limits(e.headers()), json(e.body()));
    } catch (OpenAIInvalidDataException e) {
      throw Connection.stopped(refusals.nonsense(String.valueOf(e.getMessage())));
    } catch (OpenAIException e) {
      throw Connection.stopped(refusals.lost(e));
    }
  }

  /** What the call gives; empty if the provider says 404. */
  <T> Optional<T> find(Call<T> call) throws ModelException, InterruptedException {
    return call(
        () -> {
          try {
            return Optional.of(call.run());
          } catch (NotFoundException e) {
            return Optional.empty();
          }
        });
  }

  RateLimits limits(Headers headers) {
    return new RateLimits(headers::values, clock);
  }

  static Optional<JsonNode> json(@Nullable JsonValue body) {
    return body == null || body.isMissing()
        ? Optional.empty()
        : Optional.of(body.convert(JsonNode.class));
  }
}
