package dev.inkling.provision.slurm;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.Tool;
import dev.inkling.provision.Tool.Ended;
import dev.inkling.provision.Tool.TimedOutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Slurm's commands, called for one user.
 *
 * @param user whose jobs they are about
 */
public record SlurmCommands(Tool sbatch, Tool squeue, Tool scancel, String user) {
  /**
   * A command without a usable configuration tries again for a minute before it says so; a busy
   * controller is asked again several times within two.
   */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** As they are on the PATH, for the user whom this process runs as. */
  public static SlurmCommands onPath() {
    return of(Map.of());
  }

  /**
   * As they are on the PATH.
   *
   * @param environment added to this process's own, for example SLURM_CONF
   */
  public static SlurmCommands of(Map<String, String> environment) {
    return new SlurmCommands(
        new Tool(List.of("sbatch"), environment),
        new Tool(List.of("squeue"), environment),
        new Tool(List.of("scancel"), environment),
        System.getProperty("user.name"));
  }

  /**
   * Submits a job. What sbatch says of it is not read: the job is found by its name.
   *
   * @throws TimedOutException if it is not known whether Slurm took it
   */
  void submit(List<String> arguments, Consumer<String> progress)
      throws ProvisionException, TimedOutException, InterruptedException {
    Ended ended = sbatch.call(LIMIT, progress, arguments);
    if (ended.code() != 0) {
      throw SlurmFailure.ofSubmission(ended.text());
    }
  }

  /**
   * This user's jobs, those that ended a few minutes ago included. Slurm 22.05 does not filter its
   * JSON, so that is done here; later versions send less when they are asked for less.
   */
  List<SlurmJob> jobs() throws ProvisionException, InterruptedException {
    Ended ended =
        told(squeue, "squeue", List.of("--json", "--all", "--states=all", "--user=" + user));
    return SlurmJob.read(ended.json()).stream()
        .filter(job -> job.user().isEmpty() || job.user().equals(user))
        .toList();
  }

  /** Cancels jobs; those that are over already are no error. */
  void cancel(List<SlurmJob> jobs) throws ProvisionException, InterruptedException {
    List<String> arguments = new ArrayList<>();
    arguments.add("--quiet");
    jobs.forEach(job -> arguments.add(Long.toString(job.id())));
    told(scancel, "scancel", arguments);
  }

  private static Ended told(Tool tool, String name, List<String> arguments)
      throws ProvisionException, InterruptedException {
    try {
      Ended ended = tool.call(LIMIT, _ -> {}, arguments);
      if (ended.code() != 0) {
        throw SlurmFailure.of(name, ended.text());
      }
      return ended;
    } catch (TimedOutException e) {
      throw SlurmFailure.silent(name, LIMIT);
    }
  }
}
