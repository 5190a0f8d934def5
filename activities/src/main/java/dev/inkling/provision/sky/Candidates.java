package dev.inkling.provision.sky;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.spec.Compute;
import java.util.ArrayList;
import java.util.List;

/** What was tried, and what became of it. */
final class Candidates {
  private final List<ProvisionException> refusals = new ArrayList<>();

  /** A candidate in words, as {@code H100:1 spot on aws/us-east-1}. */
  static String words(Compute.Candidate candidate) {
    return candidate.accelerators().orElse("a machine without GPU")
        + (candidate.spot() ? " (spot)" : "")
        + candidate.infra().map(where -> " on " + where).orElse("");
  }

  /** Notes a refusal after which the next candidate is worth a try; throws any other. */
  void refused(ProvisionException refusal) throws ProvisionException {
    switch (refusal.reason()) {
      case NO_CAPACITY, QUOTA, NO_CREDENTIALS, BAD_REQUEST -> refusals.add(refusal);
      case UNAVAILABLE, UNREADABLE, NO_TOOL -> throw refusal;
    }
  }

  /** All in one; capacity may come back, so that outweighs the others. */
  ProvisionException all() {
    Reason reason =
        refusals.stream()
            .map(ProvisionException::reason)
            .filter(one -> one == Reason.NO_CAPACITY)
            .findFirst()
            .orElse(refusals.getFirst().reason());
    return new ProvisionException(
        reason, String.join("\n", refusals.stream().map(ProvisionException::getMessage).toList()));
  }
}
