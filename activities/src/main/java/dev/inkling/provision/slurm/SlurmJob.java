package dev.inkling.provision.slurm;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A job as {@code squeue --json} tells it.
 *
 * @param states the state, and what qualifies it
 * @param reason why it waits, or why it ended; empty for no reason
 * @param labels empty if its comment is not ours
 * @param start when it began; for a job that waits, when Slurm expects it to
 * @param end when its time limit ends it, or when it ended
 */
record SlurmJob(
    long id,
    String name,
    String user,
    List<String> states,
    String reason,
    String partition,
    String nodes,
    Optional<Labels> labels,
    Optional<Instant> submitted,
    Optional<Instant> start,
    Optional<Instant> end) {
  private static final Set<String> WAITING =
      Set.of(
          "PENDING",
          "CONFIGURING",
          "POWER_UP_NODE",
          "REQUEUED",
          "REQUEUE_FED",
          "REQUEUE_HOLD",
          "RESV_DEL_HOLD",
          "SPECIAL_EXIT");
  private static final Set<String> ENDING = Set.of("COMPLETING", "STAGE_OUT");
  private static final Set<String> OVER =
      Set.of(
          "BOOT_FAIL",
          "CANCELLED",
          "COMPLETED",
          "DEADLINE",
          "FAILED",
          "LAUNCH_FAILED",
          "NODE_FAIL",
          "OUT_OF_MEMORY",
          "PREEMPTED",
          "RECONFIG_FAIL",
          "REVOKED",
          "TIMEOUT");

  /**
   * Reasons to wait that do not pass when others' jobs end (src/common/job_state_reason.c, or
   * job_reason_str in slurm_protocol_defs.c before 23.11): a limit of the single job, or one on
   * what was used in all.
   */
  private static final Pattern NEVER =
      Pattern.compile(
          "BadConstraints|DependencyNeverSatisfied|InvalidAccount|InvalidQOS|MaxMemPerLimit"
              + "|PartitionTimeLimit|QOSTimeLimit|AssociationTimeLimit|QOSMin\\w+"
              + "|(QOS|Assoc)Max\\w*Per(Job|Node)\\w*"
              + "|(QOS|Assoc)Grp(?!\\w*Run)\\w*(Minutes|TRESMins)\\w*");

  SlurmJob {
    states = List.copyOf(states);
  }

  /** Where a job is in its life. */
  enum Phase {
    /** It has no machine yet. */
    WAITS,
    /** It has a machine; also if its state has a name that is not known here. */
    RUNS,
    /** It is over, but its processes or its node are not cleared yet. */
    ENDS,
    OVER
  }

  Phase phase() {
    if (states.stream().anyMatch(ENDING::contains)) {
      return Phase.ENDS;
    }
    if (states.stream().anyMatch(OVER::contains)) {
      return Phase.OVER;
    }
    return states.stream().anyMatch(WAITING::contains) ? Phase.WAITS : Phase.RUNS;
  }

  /** Whether it has a machine or will have one. */
  boolean lives() {
    return phase() == Phase.WAITS || phase() == Phase.RUNS;
  }

  /** Whether it waits for what cannot come. */
  boolean neverBegins() {
    return phase() == Phase.WAITS && NEVER.matcher(reason).matches();
  }

  /** 0 if its labels cannot be read. */
  int generation() {
    return labels.map(Labels::generation).orElse(0);
  }

  /** As Slurm says it. */
  String state() {
    return String.join("+", states) + (reason.isEmpty() ? "" : " (" + reason + ")");
  }

  /** The jobs of an answer of {@code squeue --json}. */
  static List<SlurmJob> read(JsonNode answer) {
    List<SlurmJob> jobs = new ArrayList<>();
    for (JsonNode job : answer.path("jobs")) {
      String reason = job.path("state_reason").asText();
      jobs.add(
          new SlurmJob(
              job.path("job_id").asLong(),
              job.path("name").asText(),
              job.path("user_name").asText(),
              states(job.path("job_state")),
              reason.equals("None") ? "" : reason,
              job.path("partition").asText(),
              job.path("nodes").asText(),
              Labels.read(job.path("comment").asText()),
              time(job.path("submit_time")),
              time(job.path("start_time")),
              time(job.path("end_time"))));
    }
    return List.copyOf(jobs);
  }

  /** One word up to Slurm 23.02, a list since. */
  private static List<String> states(JsonNode told) {
    List<String> states = new ArrayList<>();
    if (told.isArray()) {
      told.forEach(state -> states.add(state.asText()));
    } else {
      states.add(told.asText());
    }
    return states;
  }

  /**
   * Seconds since 1970: a number up to Slurm 23.02, an object since that says whether it is set.
   */
  private static Optional<Instant> time(JsonNode told) {
    long seconds = told.isObject() ? set(told) : told.asLong();
    return seconds > 0 ? Optional.of(Instant.ofEpochSecond(seconds)) : Optional.empty();
  }

  private static long set(JsonNode told) {
    return told.path("set").asBoolean() && !told.path("infinite").asBoolean()
        ? told.path("number").asLong()
        : 0;
  }
}
