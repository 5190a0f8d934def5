package dev.inkling.provision.slurm;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What Slurm's messages mean. Its exit codes say nothing (1 for everything), so the texts are
 * looked through for those of Slurm's own table of errors (src/common/slurm_errno.c).
 */
final class SlurmFailure {
  private SlurmFailure() {}

  private record Meaning(Reason reason, String next, List<String> texts) {}

  /** Looked through in this order. */
  private static final List<Meaning> MEANINGS =
      List.of(
          // Its commands alone are installed.
          new Meaning(
              Reason.NO_TOOL,
              "Start the worker on a machine from which jobs can be submitted, or set SLURM_CONF.",
              List.of("could not establish a configuration source")),
          new Meaning(
              Reason.UNREADABLE,
              "Mend the file, or what SLURM_CONF says.",
              List.of("unable to process configuration file", "cannot stat file")),
          new Meaning(
              Reason.UNREADABLE,
              "Slurm 21.08 or newer is needed, built with JSON.",
              List.of("serializer", "unrecognized option '--json", "data_parser")),
          new Meaning(
              Reason.UNAVAILABLE,
              "Tried again later; see: scontrol ping",
              List.of(
                  "unable to contact slurm controller",
                  "socket timed out",
                  "zero bytes were transmitted",
                  "connection refused",
                  "communication",
                  "munge",
                  "authentication error",
                  "standby mode",
                  "temporarily unable")),
          new Meaning(
              Reason.QUOTA,
              "Ask whoever runs the cluster, or name another partition or account in the spec:"
                  + " compute.partition, compute.account.",
              List.of(
                  "accounting/qos policy",
                  "invalid account",
                  "invalid qos",
                  "user's group not permitted")),
          new Meaning(
              Reason.NO_CREDENTIALS,
              "Ask whoever runs the cluster for access.",
              List.of("access/permission denied", "invalid user id")),
          new Meaning(
              Reason.NO_CAPACITY,
              "Tried again later; see: sinfo",
              List.of("required node not available", "required partition not available")));

  /** Why sbatch did not take a job. What is not known there is the request's fault. */
  static ProvisionException ofSubmission(String text) {
    return meaning(text)
        .map(known -> told("sbatch", text, known))
        .orElseGet(
            () ->
                new ProvisionException(
                    Reason.BAD_REQUEST,
                    "Slurm does not take the job: "
                        + text
                        + "\nNothing was left behind. Change compute in the spec; what partitions and"
                        + " GPUs there are: sinfo --format='%P %G %l'"));
  }

  /** Why another command failed. What is not known there may pass. */
  static ProvisionException of(String command, String text) {
    return meaning(text)
        .map(known -> told(command, text, known))
        .orElseGet(
            () ->
                new ProvisionException(
                    Reason.UNAVAILABLE, command + " failed: " + text + "\nTried again later."));
  }

  /** A command that did not end in time. */
  static ProvisionException silent(String command, Duration limit) {
    return new ProvisionException(
        Reason.UNAVAILABLE,
        "%s did not answer within %d s. Tried again later; see: scontrol ping"
            .formatted(command, limit.toSeconds()));
  }

  /** A job that waits for what cannot come. */
  static ProvisionException never(SlurmJob job) {
    return new ProvisionException(
        Reason.QUOTA,
        ("Slurm does not begin job %d, whatever becomes free: %s. It was cancelled. Change compute in"
                + " the spec (maxHours, partition, account, options); what there is: sinfo"
                + " --format='%%P %%G %%l', sacctmgr show qos")
            .formatted(job.id(), job.state()));
  }

  private static ProvisionException told(String command, String text, Meaning known) {
    return new ProvisionException(
        known.reason(), command + " failed: " + text + "\n" + known.next());
  }

  private static Optional<Meaning> meaning(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return MEANINGS.stream()
        .filter(meaning -> meaning.texts().stream().anyMatch(lower::contains))
        .findFirst();
  }
}
