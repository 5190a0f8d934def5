package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where and how the stages run. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Compute.Local.class, name = "local"),
  @JsonSubTypes.Type(value = Compute.Queue.class, name = "queue"),
  @JsonSubTypes.Type(value = Compute.Slurm.class, name = "slurm"),
  @JsonSubTypes.Type(value = Compute.Sky.class, name = "sky"),
  @JsonSubTypes.Type(value = Compute.Modal.class, name = "modal")
})
public sealed interface Compute {

  /** The number format of the matrix products in training; everything else is float32. */
  Precision precision();

  /** How many trials of the experiment are under way at once. */
  int parallel();

  /** In the worker that polls the experiment's own task queue. */
  record Local(
      @Field(value = PRECISION, byDefault = "\"float32\"") Precision precision,
      @Field(value = PARALLEL, byDefault = "1", min = 1, max = 1000) int parallel)
      implements Compute {}

  /** Stages that compute run in workers that somebody started by hand. */
  record Queue(
      @Field(value = PRECISION, byDefault = "\"float32\"") Precision precision,
      @Field(value = PARALLEL, byDefault = "1", min = 1, max = 1000) int parallel,
      @Field(
              value = "Their task queue: ./inkling worker --queue NAME.",
              byDefault = "\"gpu\"",
              pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
          String name)
      implements Compute {}

  /** Stages that compute run in a worker on machines that are made for the experiment. */
  sealed interface Provisioned extends Compute permits Slurm, Sky, Modal {
    /** How many GPUs a machine has at least; each serves one stage at a time. */
    int gpus();

    /** After so many minutes without a stage the machine is given back. */
    int idleMinutes();

    /** The longest life of a machine, whatever it does. */
    double maxHours();

    /** What the machines of one run may cost, one after the other, in US dollars. */
    Optional<Double> maxUsd();

    /** How long no capacity is borne. */
    double waitHours();

    /** The tool that makes the machines: the type's name. */
    @JsonIgnore
    String provider();

    /** The same for so many US dollars, where it has a price. */
    Provisioned withUsd(double usd);

    /** {@link #maxHours} as a duration. */
    default Duration lifetime() {
      return Duration.ofMillis((long) (maxHours() * 3_600_000));
    }

    /** {@link #idleMinutes} as a duration. */
    default Duration idle() {
      return Duration.ofMinutes(idleMinutes());
    }
  }

  /** A job of a Slurm cluster whose file system the store lies on; submitted from this machine. */
  record Slurm(
      @Field(value = PRECISION, byDefault = "\"bf16\"") Precision precision,
      @Field(value = PARALLEL, byDefault = "1", min = 1, max = 1000) int parallel,
      @Field(value = "GPUs of the job.", byDefault = "1", min = 0, max = 64) int gpus,
      @Field(value = "Their kind, as the cluster names it, for example h100.", pattern = WORD)
          @JsonInclude(JsonInclude.Include.NON_ABSENT)
          Optional<String> gpuType,
      @Field(value = "The partition; left out, the cluster's default.", pattern = WORD)
          @JsonInclude(JsonInclude.Include.NON_ABSENT)
          Optional<String> partition,
      @Field(value = "The account that is charged.", pattern = WORD)
          @JsonInclude(JsonInclude.Include.NON_ABSENT)
          Optional<String> account,
      @Field(value = "Cores of the job.", byDefault = "8", min = 1, max = 1024) int cpus,
      @Field(value = "Memory of the job in GB.", byDefault = "64", min = 1, max = 16384)
          int memoryGb,
      @Field(
              value = "Further options of sbatch, one each, for example --qos=short.",
              byDefault = "[]",
              pattern = "--[a-z][a-z-]*(=[^\\x00-\\x1f]{0,200})?")
          List<String> options,
      @Field(value = "Shell lines before the worker starts, for example: module load cuda.")
          @JsonInclude(JsonInclude.Include.NON_ABSENT)
          Optional<String> setup,
      @Field(value = IDLE, byDefault = "10", min = 1, max = 1440) int idleMinutes,
      @Field(value = LIFETIME, byDefault = "12", min = 0.01, max = 720) double maxHours,
      @Field(value = WAIT, byDefault = "24", min = 0, max = 720) double waitHours)
      implements Provisioned {
    public Slurm {
      options = List.copyOf(options);
    }

    @Override
    @JsonIgnore
    public String provider() {
      return "slurm";
    }

    @Override
    public Slurm withUsd(double usd) {
      return this;
    }

    /** Nobody knows what a job costs. */
    @Override
    @JsonIgnore
    public Optional<Double> maxUsd() {
      return Optional.empty();
    }
  }

  /** A cluster of one node that SkyPilot brings up, in a cloud or wherever else it can. */
  record Sky(
      @Field(value = PRECISION, byDefault = "\"bf16\"") Precision precision,
      @Field(value = PARALLEL, byDefault = "1", min = 1, max = 1000) int parallel,
      @Field(value = ACCELERATORS, pattern = ACCELERATOR)
          @JsonInclude(JsonInclude.Include.NON_ABSENT)
          Optional<String> accelerators,
      @Field(value = INFRA, pattern = PLACE) @JsonInclude(JsonInclude.Include.NON_ABSENT)
          Optional<String> infra,
      @Field(value = SPOT, byDefault = "false") boolean spot,
      @Field(
              value = "What to try instead, in this order, where there is no capacity.",
              byDefault = "[]")
          List<Candidate> anyOf,
      @Field(value = "Shell lines before the worker starts.")
          @JsonInclude(JsonInclude.Include.NON_ABSENT)
          Optional<String> setup,
      @Field(value = IDLE, byDefault = "10", min = 1, max = 1440) int idleMinutes,
      @Field(value = LIFETIME, byDefault = "12", min = 0.01, max = 720) double maxHours,
      @Field(value = DOLLARS, min = 0.01) @JsonInclude(JsonInclude.Include.NON_ABSENT)
          Optional<Double> maxUsd,
      @Field(value = WAIT, byDefault = "24", min = 0, max = 720) double waitHours)
      implements Provisioned {
    public Sky {
      anyOf = List.copyOf(anyOf);
    }

    @Override
    @JsonIgnore
    public String provider() {
      return "sky";
    }

    @Override
    public Sky withUsd(double usd) {
      return new Sky(
          precision,
          parallel,
          accelerators,
          infra,
          spot,
          anyOf,
          setup,
          idleMinutes,
          maxHours,
          Optional.of(usd),
          waitHours);
    }

    /** Of the candidate that has the fewest. */
    @Override
    @JsonIgnore
    public int gpus() {
      return candidates().stream()
          .mapToInt(one -> one.accelerators().map(Compute::count).orElse(0))
          .min()
          .orElse(0);
    }

    /** What to try, in this order. */
    @JsonIgnore
    public List<Candidate> candidates() {
      Candidate first = new Candidate(accelerators, infra, spot);
      return Stream.concat(Stream.of(first), anyOf.stream()).toList();
    }
  }

  /** A machine that would do. */
  record Candidate(
      @Field(value = ACCELERATORS, pattern = ACCELERATOR)
          @JsonInclude(JsonInclude.Include.NON_ABSENT)
          Optional<String> accelerators,
      @Field(value = INFRA, pattern = PLACE) @JsonInclude(JsonInclude.Include.NON_ABSENT)
          Optional<String> infra,
      @Field(value = SPOT, byDefault = "false") boolean spot) {}

  /** A function of Modal that runs as long as the worker does. */
  record Modal(
      @Field(value = PRECISION, byDefault = "\"bf16\"") Precision precision,
      @Field(value = PARALLEL, byDefault = "1", min = 1, max = 1000) int parallel,
      @Field(value = ACCELERATORS, byDefault = "\"H100:1\"", pattern = ACCELERATOR)
          String accelerators,
      @Field(
              value =
                  "The Modal secret with the worker's environment, for example TEMPORAL_ADDRESS.",
              byDefault = "\"inkling\"",
              pattern = WORD)
          String secret,
      @Field(value = IDLE, byDefault = "10", min = 1, max = 1440) int idleMinutes,
      @Field(value = LIFETIME, byDefault = "12", min = 0.01, max = 24) double maxHours,
      @Field(value = DOLLARS, min = 0.01) @JsonInclude(JsonInclude.Include.NON_ABSENT)
          Optional<Double> maxUsd,
      @Field(value = WAIT, byDefault = "24", min = 0, max = 720) double waitHours)
      implements Provisioned {
    @Override
    @JsonIgnore
    public String provider() {
      return "modal";
    }

    @Override
    public Modal withUsd(double usd) {
      return new Modal(
          precision,
          parallel,
          accelerators,
          secret,
          idleMinutes,
          maxHours,
          Optional.of(usd),
          waitHours);
    }

    @Override
    @JsonIgnore
    public int gpus() {
      return count(accelerators);
    }
  }

  /** H100:2 are two. */
  private static int count(String accelerators) {
    int colon = accelerators.indexOf(':');
    return colon < 0 ? 1 : Integer.parseInt(accelerators.substring(colon + 1));
  }

  /** Said of every kind. */
  String PRECISION = "float32, or bf16 for matrix products in bfloat16 (faster, less exact).";

  /** Said of every kind. */
  String PARALLEL = "Trials under way at once; one stage alone already uses a whole device.";

  /** Said of every kind that is provisioned. */
  String IDLE = "After so many minutes without a stage the machine is given back.";

  /** Said of every kind that is provisioned. */
  String LIFETIME = "A machine lives at most so many hours; the next one goes on from there.";

  /** Said of every kind that has a price. */
  String DOLLARS =
      "US dollars that the machines of one run may cost, one after the other; the life of each is"
          + " cut to what is left.";

  /** Said of every kind that is provisioned. */
  String WAIT = "How many hours to wait where there is no capacity.";

  /** Said of everything with a GPU. */
  String ACCELERATORS = "Kind and number of GPUs, for example H100:1.";

  /** Said of what SkyPilot is to try. */
  String INFRA = "Where, as SkyPilot names it, for example runpod or aws/us-east-1.";

  /** Said of what SkyPilot is to try. */
  String SPOT = "Machines that may be taken away are cheaper; a lost one is replaced.";

  /** A name of another system. */
  String WORD = "[A-Za-z0-9][A-Za-z0-9._-]{0,79}";

  /** H100, or H100:2. */
  String ACCELERATOR = "[A-Za-z][A-Za-z0-9-]{0,39}(:[1-9][0-9]?)?";

  /** A cloud with region and zone, or a cluster. */
  String PLACE = "[a-z0-9]+(/[A-Za-z0-9*._-]{1,80}){0,2}";

  /** The number format of matrix products. */
  enum Precision {
    /** IEEE single precision. */
    @JsonProperty("float32")
    FLOAT32,
    /** bfloat16, with float32 weights and sums. */
    @JsonProperty("bf16")
    BF16
  }
}
