package dev.inkling.provision.slurm;

import dev.inkling.spec.Compute;
import dev.inkling.spec.Compute.Precision;
import dev.inkling.workflow.ClusterRequest;
import java.util.List;
import java.util.Optional;

/** What an experiment asks of Slurm. */
record Requests(Compute.Slurm compute) {
  /** One core, 1 GB, no GPU, an hour. */
  static Requests small() {
    return new Requests(
        new Compute.Slurm(
            Precision.BF16,
            1,
            0,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            1,
            1,
            List.of(),
            Optional.empty(),
            10,
            1.0,
            24.0));
  }

  Requests gpus(int count) {
    return with(
        count, Optional.of("h100"), compute.partition(), compute.options(), compute.maxHours());
  }

  Requests partition(String name) {
    return with(
        compute.gpus(),
        compute.gpuType(),
        Optional.of(name),
        compute.options(),
        compute.maxHours());
  }

  Requests options(String... options) {
    return with(
        compute.gpus(),
        compute.gpuType(),
        compute.partition(),
        List.of(options),
        compute.maxHours());
  }

  Requests hours(double hours) {
    return with(compute.gpus(), compute.gpuType(), compute.partition(), compute.options(), hours);
  }

  Requests setup(String lines) {
    return new Requests(
        new Compute.Slurm(
            compute.precision(),
            compute.parallel(),
            compute.gpus(),
            compute.gpuType(),
            compute.partition(),
            compute.account(),
            compute.cpus(),
            compute.memoryGb(),
            compute.options(),
            Optional.of(lines),
            compute.idleMinutes(),
            compute.maxHours(),
            compute.waitHours()));
  }

  private Requests with(
      int gpus,
      Optional<String> gpuType,
      Optional<String> partition,
      List<String> options,
      double hours) {
    return new Requests(
        new Compute.Slurm(
            compute.precision(),
            compute.parallel(),
            gpus,
            gpuType,
            partition,
            compute.account(),
            compute.cpus(),
            compute.memoryGb(),
            options,
            compute.setup(),
            compute.idleMinutes(),
            hours,
            compute.waitHours()));
  }

  ClusterRequest of(String experiment, int generation) {
    return new ClusterRequest(experiment, experiment, generation, compute);
  }
}
