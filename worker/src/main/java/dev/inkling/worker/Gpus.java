package dev.inkling.worker;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.Tool;
import dev.inkling.provision.Tool.Ended;
import dev.inkling.provision.Tool.TimedOutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The GPUs that a process may use, in the words of NVIDIA's own tool. */
public final class Gpus {
  /** What CUDA takes for: which of them. */
  private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

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
    List<String> arguments = new ArrayList<>();
    arguments.add("--query-gpu=name,memory.total,driver_version");
    arguments.add("--format=csv,noheader");
    String visible = environment.get(VISIBLE);
    if (visible != null) {
      if (!visible.matches("[0-9]+(,[0-9]+)*|GPU-.*")) {
        return "no GPU (" + VISIBLE + " is '" + visible + "')";
      }
      arguments.add("--id=" + visible);
    }
    try {
      Ended ended = tool.call(LIMIT, _ -> {}, arguments);
      return ended.code() == 0 && !ended.output().isEmpty()
          ? "GPU: " + String.join("; ", ended.output())
          : "no GPU (nvidia-smi: " + ended.text().lines().findFirst().orElse("nothing") + ")";
    } catch (ProvisionException e) {
      return "no GPU (there is no nvidia-smi here)";
    } catch (TimedOutException e) {
      return "GPU unknown (" + e.getMessage() + ")";
    }
  }
}
