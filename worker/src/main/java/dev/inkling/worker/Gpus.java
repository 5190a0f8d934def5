package dev.inkling.worker;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.Tool;
import dev.inkling.provision.Tool.Ended;
import dev.inkling.provision.Tool.TimedOutException;
import dev.inkling.tensor.Torch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The GPUs that a process may use, in the words of NVIDIA's own tool. */
public final class Gpus {
  /** What CUDA takes for: which of them. */
  private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

  /** Where DJL is told to find torch's libraries. */
  private static final String LIBRARIES = "PYTORCH_LIBRARY_PATH";

  /** With a driver in trouble it takes for ever. */
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Tool tool;
  private final Map<String, String> environment;

  Gpus(Tool tool, Map<String, String> environment) {
    this.tool = tool;
    this.environment = Map.copyOf(environment);
  }

  /** Those of this machine that the environment leaves to this process. */
  public static Gpus ofThisProcess() {
    return new Gpus(new Tool(List.of("nvidia-smi"), Map.of()), System.getenv());
  }

  /** Name, memory and driver of each, or why there is none: one line for people. */
  public String tell() throws InterruptedException {
    return look().line();
  }

  /**
   * Why a worker that is there for a GPU cannot compute on it, and what to type; empty if it can,
   * if it has none, or if it is told to compute on the cores. One that went on would compute on the
   * cores of a machine whose price is that of its GPU.
   *
   * @param torch why torch can use none, empty if it can; asked only if there ought to be one
   */
  public Optional<String> outOfUse(Supplier<Optional<String>> torch) throws InterruptedException {
    if (Torch.isForCores(environment)) {
      return Optional.empty();
    }
    Look look = look();
    // What was given out counts, not only what is there: a machine may lack its driver.
    boolean given = environment.containsKey(VISIBLE) ? namesAny() : look.found();
    return given ? torch.get().map(why -> message(look, why)) : Optional.empty();
  }

  private String message(Look look, String why) {
    String next;
    if (!look.found()) {
      next =
          "A GPU was given to this worker (%s is '%s'), but the machine has none that works. Ask for another machine or image, with NVIDIA's driver."
              .formatted(VISIBLE, environment.get(VISIBLE));
    } else if (environment.containsKey(LIBRARIES)) {
      next =
          "%s is '%s': it must lead to the CUDA libraries of torch 2.7.1, and the driver and the GPU must suit them (docs/clusters.md, GPU libraries there)."
              .formatted(LIBRARIES, environment.get(LIBRARIES));
    } else {
      next =
          "Torch's CUDA libraries were not found here. Type: set -a; eval \"$(infra/gpu/libraries.sh)\"; set +a\nand start the worker again (docs/clusters.md, GPU libraries there).";
    }
    return "This worker is there to compute on a GPU, and torch can use none (%s). It ends before it takes a stage.\n%s\n%s\nTo compute on the cores all the same, set INKLING_DEVICE=cpu."
        .formatted(why, look.line(), next);
  }

  /** Whether the environment names any of them. */
  private boolean namesAny() {
    return environment.getOrDefault(VISIBLE, "").matches("[0-9]+(,[0-9]+)*|(GPU|MIG)-.*");
  }

  /** Whether there is one, and the line for people. */
  private record Look(boolean found, String line) {}

  private Look look() throws InterruptedException {
    List<String> arguments = new ArrayList<>();
    arguments.add("--query-gpu=name,memory.total,driver_version");
    arguments.add("--format=csv,noheader");
    if (environment.containsKey(VISIBLE)) {
      String visible = environment.get(VISIBLE);
      if (!namesAny()) {
        return new Look(false, "no GPU (" + VISIBLE + " is '" + visible + "')");
      }
      arguments.add("--id=" + visible);
    }
    try {
      Ended ended = tool.call(LIMIT, _ -> {}, arguments);
      return ended.code() == 0 && !ended.output().isEmpty()
          ? new Look(true, "GPU: " + String.join("; ", ended.output()))
          : new Look(
              false,
              "no GPU (nvidia-smi: " + ended.text().lines().findFirst().orElse("nothing") + ")");
    } catch (ProvisionException e) {
      return new Look(false, "no GPU (there is no nvidia-smi here)");
    } catch (TimedOutException e) {
      return new Look(false, "GPU unknown (" + e.getMessage() + ")");
    }
  }
}
