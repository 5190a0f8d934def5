package dev.inkling.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.inkling.spec.Compute;
import dev.inkling.spec.HostedModel;
import dev.inkling.spec.OpenModel;
import java.util.Optional;

/**
 * Which language model answers, as stages see it: nothing in it that leaves the answers alone.
 *
 * @param provider whose interface a hosted model speaks; empty for weights that one holds
 * @param endpoint the name under which the environment has its key and address
 * @param server a hash of its address, unless it is the provider's own
 * @param id the model's id, as the provider or the Hub spells it
 * @param system what it is told about itself
 * @param contextRows how many rows of the dataset in the role {@code context} it has read
 * @param finetuned the key of the stage that has fine-tuned the model of that id
 * @param weights which weights they are; empty for a hosted model
 */
public record ModelReference(
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<HostedModel.Provider> provider,
    Optional<String> endpoint,
    Optional<String> server,
    String id,
    Optional<String> system,
    int contextRows,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> finetuned,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Weights> weights) {
  public ModelReference {
    // Plans from before there was hosted fine-tuning, or open weights, have none.
    finetuned = finetuned == null ? Optional.empty() : finetuned;
    weights = weights == null ? Optional.empty() : weights;
    if (provider.isPresent() == weights.isPresent()) {
      throw new IllegalArgumentException("a model is either hosted or weights that one holds");
    }
  }

  /**
   * Weights that one holds.
   *
   * @param version the commit on the Hub, or the SHA-256 of a directory's files
   * @param adapter the same of an adapter that is added to them
   * @param precision how it computes
   */
  public record Weights(
      String version,
      @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> adapter,
      Compute.Precision precision) {}

  /** A hosted model as it is. */
  static ModelReference of(HostedModel model, Optional<String> server) {
    return new ModelReference(
        Optional.of(model.provider()),
        model.endpoint(),
        server,
        model.id(),
        Optional.empty(),
        0,
        Optional.empty(),
        Optional.empty());
  }

  /** Weights as they are; where a directory lies changes no answer. */
  static ModelReference of(OpenModel model, Weights weights) {
    String id = model.onHub() ? model.id().replaceFirst("@.*", "") : "directory";
    return new ModelReference(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        id,
        Optional.empty(),
        0,
        Optional.empty(),
        Optional.of(weights));
  }

  /** The same model, told something about itself. */
  ModelReference told(String words) {
    return new ModelReference(
        provider, endpoint, server, id, Optional.of(words), contextRows, finetuned, weights);
  }

  /** The same model after reading rows. */
  ModelReference reading(int rows) {
    return new ModelReference(provider, endpoint, server, id, system, rows, finetuned, weights);
  }

  /** The same model after fine-tuning in the stage of that key. */
  ModelReference finetuned(String key) {
    return new ModelReference(
        provider, endpoint, server, id, system, contextRows, Optional.of(key), weights);
  }
}
