package dev.inkling.provision.slurm;

import dev.inkling.provision.InfraFile;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.spec.Compute;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.ClusterRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A job as it is handed to sbatch.
 *
 * @param worker the command that each GPU gets one process of
 * @param owner whose job it will be
 */
record Submission(
    ClusterRequest request,
    Compute.Slurm compute,
    ClusterFiles files,
    List<String> worker,
    String owner) {
  /**
   * So long before the time is over stages are handed back. A checkpoint on the shared file system
   * takes seconds; to a bucket, a gigabyte takes this at 100 Mbit/s.
   */
  private static final Duration EARLY = Duration.ofSeconds(90);

  /** What is left of it when workers have stopped waiting for their stages. */
  private static final Duration SPARE = Duration.ofSeconds(10);

  /** What we say ourselves, and what would make of one job something else than one job. */
  private static final List<String> NOT_FOR_SPECS =
      List.of(
          "array",
          "chdir",
          "clusters",
          "comment",
          "dependency",
          "environment",
          "error",
          "export",
          "export-file",
          "help",
          "input",
          "job-name",
          "nodes",
          "ntasks",
          "output",
          "parsable",
          "requeue",
          "signal",
          "test-only",
          "time",
          "uid",
          "usage",
          "version",
          "wait",
          "wrap");

  Submission {
    worker = List.copyOf(worker);
  }

  /**
   * The submission of a request.
   *
   * @throws ProvisionException if its options cannot be borne
   */
  static Submission of(
      ClusterRequest request, ClusterFiles files, List<String> worker, String owner)
      throws ProvisionException {
    if (!(request.compute() instanceof Compute.Slurm compute)) {
      throw new ProvisionException(
          Reason.BAD_REQUEST, "This cluster is not one of Slurm: " + request.compute());
    }
    for (String option : compute.options()) {
      // sbatch takes the beginning of an option's name for the whole.
      String name = option.replaceFirst("^--", "").replaceFirst("=.*", "");
      if (NOT_FOR_SPECS.stream().anyMatch(taken -> taken.startsWith(name))) {
        throw new ProvisionException(
            Reason.BAD_REQUEST,
            "compute.options has "
                + option
                + ", but Inkling says that itself or needs a job to be one job. Leave it out; the"
                + " time limit is compute.maxHours.");
      }
    }
    return new Submission(request, compute, files, worker, owner);
  }

  /** The labels that the job bears. */
  Labels labels() {
    String kind = compute.gpuType().map(type -> type + ":").orElse("gpu:");
    return Labels.of(request, owner, compute.gpus() == 0 ? "" : kind + compute.gpus());
  }

  /** What is known of a job that Slurm does not list as living; the next look tells more. */
  Cluster submitted() {
    Labels labels = labels();
    return new Cluster(
        request.name(),
        labels.experiment(),
        labels.owner(),
        labels.generation(),
        Cluster.State.PENDING,
        SlurmProvider.NAME,
        compute.partition().orElse(""),
        labels.accelerators(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        "the job was submitted");
  }

  /** What follows {@code sbatch}. Of an option that is given twice, the last one counts: ours. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>(compute.options());
    // Whole minutes are the unit of Slurm's limit.
    int generation = request.generation();
    String name = request.name();
    arguments.addAll(
        List.of(
            "--parsable",
            "--job-name=" + name,
            // A second job of the name, from a call that everybody took for dead, waits for ever.
            "--dependency=singleton",
            "--comment=" + labels().comment(),
            "--nodes=1",
            "--ntasks=1",
            "--cpus-per-task=" + compute.cpus(),
            "--mem=" + compute.memoryGb() + "G",
            "--time=" + minutes(),
            "--signal=B:USR1@" + early(),
            // What begins again elsewhere is a new generation, never the same job.
            "--no-requeue",
            // Nothing of this process's environment, which has keys of providers.
            "--export=NONE",
            "--open-mode=append",
            "--output=" + files.log(name, generation).toString().replace("%", "%%"),
            "--chdir=" + files.directory(name)));
    compute.partition().ifPresent(partition -> arguments.add("--partition=" + partition));
    compute.account().ifPresent(account -> arguments.add("--account=" + account));
    if (compute.gpus() > 0) {
      String kind = compute.gpuType().map(type -> type + ":").orElse("");
      arguments.add("--gres=gpu:" + kind + compute.gpus());
    }
    arguments.add(files.script(name, generation).toString());
    return List.copyOf(arguments);
  }

  private long minutes() {
    return Math.max(1, Math.ceilDiv(compute.lifetime().toSeconds(), 60));
  }

  private long early() {
    return Math.min(EARLY.toSeconds(), minutes() * 30);
  }

  /** The script: the template with its words filled in. */
  String script() {
    Path environment = files.environment(request.name(), request.generation());
    return InfraFile.SLURM_JOB
        .text()
        .replace("@ENVIRONMENT@", ShellText.word(environment.toString()))
        .replace("@GPUS@", Integer.toString(compute.gpus()))
        .replace("@STOP@", Long.toString(early() - SPARE.toSeconds()))
        .replace("@WORKER@", ShellText.words(worker))
        .replace("@LIBRARIES@", InfraFile.GPU_LIBRARIES.text())
        // Last, so that nothing in it is taken for one of ours.
        .replace("@SETUP@", compute.setup().orElse(""));
  }
}
