package dev.inkling.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** DJL's PyTorch engine, set up once for a process. */
public final class Torch {
  private Torch() {}

  /**
   * Tells DJL where its native libraries go, how many threads it may use, and, where the libraries
   * are on the classpath, to fetch nothing. Before the first tensor; later calls change nothing.
   */
  public static void configure(Path cache) {
    property("DJL_CACHE_DIR", cache.toString());
    property("OPT_OUT_TRACKING", "true");
    // One thread for each operator: the cores take different models instead (Slices), which needs
    // no waiting for each
    // other and makes results independent of the number of cores.
    property("ai.djl.pytorch.num_threads", "1");
    // Beside a GPU the tokenizers would fetch a library of their own for it.
    property("RUST_FLAVOR", "cpu");
    // The jars carry libtorch for Linux on x86-64 only; on other platforms DJL fetches its own.
    if (System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")
        && System.getProperty("os.arch").equals("amd64")) {
      property("ai.djl.offline", "true");
    }
  }

  private static void property(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }

  /**
   * A manager of tensors for the calling thread; closing it frees them. Gradients are switched on
   * for this thread, because torch keeps that switch per thread and DJL starts with it off.
   */
  static PtNDManager manager() {
    return manager(Device.cpu());
  }

  /** The same for tensors on a device. */
  public static PtNDManager manager(Device device) {
    PtNDManager manager = (PtNDManager) NDManager.newBaseManager(device, "PyTorch");
    prepareThread();
    return manager;
  }

  /** Whether an environment leaves a GPU alone. */
  public static boolean isForCores(Map<String, String> environment) {
    return "cpu".equals(environment.get("INKLING_DEVICE"));
  }

  /**
   * Where language models compute: on the first GPU that torch can use, otherwise on the cores.
   * INKLING_DEVICE=cpu leaves a GPU alone.
   */
  public static Device device() {
    return isForCores(System.getenv()) || Engine.getEngine("PyTorch").getGpuCount() == 0
        ? Device.cpu()
        : Device.gpu();
  }

  /**
   * Why torch can compute on no GPU here; empty if it can. It is tried, because libraries that load
   * may have no kernels for this GPU, or be too new for its driver.
   */
  public static Optional<String> gpuTrouble() {
    try {
      if (Engine.getEngine("PyTorch").getGpuCount() == 0) {
        return Optional.of("CUDA's runtime library is not there or counts no GPU");
      }
      try (PtNDManager manager = manager(Device.gpu())) {
        manager.create(1f).add(1f).toDevice(Device.cpu(), true).getFloat();
      }
      return Optional.empty();
    } catch (RuntimeException | LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return Optional.of(
          String.valueOf(cause.getMessage()).lines().findFirst().orElse("no reason"));
    }
  }

  /** Sets what torch keeps for each thread: gradients on, and the plain executor. */
  public static void prepareThread() {
    // The optimising executor gained nothing in measurements and changes results with warm-up.
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(true);
  }

  /** Loads the native libraries, which takes about a second, so that a first stage need not. */
  public static void warmUp() {
    manager().close();
  }
}
