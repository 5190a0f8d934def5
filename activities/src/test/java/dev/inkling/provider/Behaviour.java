package dev.inkling.provider;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the provider behaves, as {@code POST /control} sets it as a whole; what is left out is off.
 *
 * @param latencyMs how long an answer takes
 * @param slowMs how much longer a slow one takes
 * @param key the only key it accepts; any if left out
 * @param next what happens to the next questions, in order
 * @param on what happens to the next requests of a route, in order: {@code {"POST /v1/files":
 *     ["reset-after"]}}
 * @param probability how often each fault happens to the requests after those, by chance but the
 *     same way in every run
 * @param retryAfterMs what a rate-limited request is told to wait
 * @param requestsPerMinute the rate limit that it enforces; none if 0
 * @param models the models it has, with their last days; any if left out
 * @param modelRoutes which of {@code /v1/models/{id}} and {@code /v1/models} exist: all, list, none
 * @param fineTuningClosed whether keys may not fine-tune
 * @param pageSize how many things a page of a list has at most; 3 if left out
 * @param batching what becomes of batches
 */
public record Behaviour(
    long latencyMs,
    long slowMs,
    @Nullable String key,
    List<Fault> next,
    Map<String, List<Fault>> on,
    Map<Fault, Double> probability,
    long retryAfterMs,
    int requestsPerMinute,
    Map<String, String> models,
    ModelRoutes modelRoutes,
    boolean fineTuningClosed,
    int pageSize,
    Filing filing,
    Training training,
    Batching batching) {

  /** Which routes say something about models. */
  public enum ModelRoutes {
    @JsonProperty("all")
    ALL,
    @JsonProperty("list")
    LIST,
    @JsonProperty("none")
    NONE
  }

  /**
   * What becomes of a file that is uploaded.
   *
   * @param processMs how long it is not yet processed
   * @param error why it cannot be processed; it can if left out
   */
  public record Filing(long processMs, @Nullable String error) {}

  /**
   * What becomes of a fine-tuning job that is created.
   *
   * @param validatingMs how long its file is looked at
   * @param queuedMs how long it then waits
   * @param runningMs how long it then trains
   * @param end how that ends: succeeded, or half-way failed, cancelled (by the provider) or paused
   *     (a word nobody has heard of); stuck never begins
   * @param reason why it failed
   * @param vanishAfterMs from when on nobody has heard of it; never if 0
   * @param wholeMs until when a job that has succeeded does not say yet what came out
   * @param withoutMetadata whether metadata is forgotten, as other servers do
   * @param withoutResults whether there is no file of metrics
   */
  public record Training(
      long validatingMs,
      long queuedMs,
      long runningMs,
      String end,
      String reason,
      long vanishAfterMs,
      long wholeMs,
      boolean withoutMetadata,
      boolean withoutResults) {
    @SuppressWarnings("ConstantValue") // Jackson passes null for what is left out.
    public Training {
      end = end == null ? "succeeded" : end;
      reason = reason == null ? "The training has diverged" : reason;
    }
  }

  /**
   * What becomes of a batch; looked up whenever somebody looks at one. One that is cancelled has
   * answered the first half of its requests.
   *
   * @param takesMs how long until it ends
   * @param expires whether it ends after the first half of its requests
   * @param failEvery every so manieth request fails in it; none if 0
   * @param rejected the code of the error with which it fails as a whole; it does not if left out
   * @param closed whether there are no batches
   */
  public record Batching(
      long takesMs, boolean expires, int failEvery, @Nullable String rejected, boolean closed) {}

  @SuppressWarnings("ConstantValue") // Jackson passes null for what is left out.
  public Behaviour {
    next = next == null ? List.of() : List.copyOf(next);
    on = on == null ? Map.of() : Map.copyOf(on);
    probability = probability == null ? Map.of() : Map.copyOf(probability);
    models = models == null ? Map.of() : Map.copyOf(models);
    modelRoutes = modelRoutes == null ? ModelRoutes.ALL : modelRoutes;
    pageSize = pageSize == 0 ? 3 : pageSize;
    filing = filing == null ? new Filing(0, null) : filing;
    training =
        training == null
            ? new Training(100, 100, 200, "succeeded", "", 0, 0, false, false)
            : training;
    batching = batching == null ? new Batching(0, false, 0, null, false) : batching;
  }
}
