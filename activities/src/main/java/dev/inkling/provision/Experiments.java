package dev.inkling.provision;

import java.util.Map;

/** The experiments that the Temporal service of this worker knows. */
public interface Experiments {
  /**
   * The workflow ids of all that were begun, running or ended, as far back as the service
   * remembers; true for those that run.
   */
  Map<String, Boolean> known();

  /** Makes sure that orphans are looked for from now on, whoever runs. */
  void lookForOrphans();
}
