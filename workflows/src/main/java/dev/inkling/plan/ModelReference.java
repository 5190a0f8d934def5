package dev.inkling.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.inkling.spec.HostedModel;
import java.util.Optional;

/**
 * Which language model answers, as stages see it: nothing in it that leaves the answers alone.
 *
 * @param endpoint the name under which the environment has its key and address
 * @param server a hash of its address, unless it is the provider's own
 * @param id the model's id, as the provider spells it
 * @param system what it is told about itself
 * @param contextRows how many rows of the dataset in the role {@code context} it has read
 * @param finetuned the key of the stage that has fine-tuned the model of that id
 */
public record ModelReference(
    HostedModel.Provider provider,
    Optional<String> endpoint,
    Optional<String> server,
    String id,
    Optional<String> system,
    int contextRows,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> finetuned) {
  public ModelReference {
    // Plans from before there was hosted fine-tuning have none.
    finetuned = finetuned == null ? Optional.empty() : finetuned;
  }

  /** A hosted model as it is. */
  static ModelReference of(HostedModel model, Optional<String> server) {
    return new ModelReference(
        model.provider(),
        model.endpoint(),
        server,
        model.id(),
        Optional.empty(),
        0,
        Optional.empty());
  }

  /** The same model, told something about itself. */
  ModelReference told(String system) {
    return new ModelReference(
        provider, endpoint, server, id, Optional.of(system), contextRows, finetuned);
  }

  /** The same model after reading rows. */
  ModelReference reading(int rows) {
    return new ModelReference(provider, endpoint, server, id, system, rows, finetuned);
  }

  /** The same model after fine-tuning in the stage of that key. */
  ModelReference finetuned(String key) {
    return new ModelReference(
        provider, endpoint, server, id, system, contextRows, Optional.of(key));
  }
}
