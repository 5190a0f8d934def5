package dev.inkling.plan;

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
 */
public record ModelReference(
    HostedModel.Provider provider,
    Optional<String> endpoint,
    Optional<String> server,
    String id,
    Optional<String> system,
    int contextRows) {
  /** The same model, told something about itself. */
  ModelReference told(String system) {
    return new ModelReference(provider, endpoint, server, id, Optional.of(system), contextRows);
  }

  /** The same model after reading rows. */
  ModelReference reading(int rows) {
    return new ModelReference(provider, endpoint, server, id, system, rows);
  }
}
