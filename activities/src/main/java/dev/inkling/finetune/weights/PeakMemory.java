package dev.inkling.finetune.weights;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The most memory that was in use: on a GPU what the device says it has given away, at the ends of
 * steps; on a CPU the process's resident pages, as Linux keeps their highest number.
 */
final class PeakMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String HIGHEST = "VmHWM:";

  private final Device device;
  private long most;

  PeakMemory(Device device) {
    this.device = device;
  }

  /** In bytes; 0 where nobody tells. */
  long bytes() throws IOException {
    most =
        Math.max(most, device.isGpu() ? CudaUtils.getGpuMemory(device).getCommitted() : resident());
    return most;
  }

  private static long resident() throws IOException {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith(HIGHEST))
        .map(line -> line.replaceAll("\\D", ""))
        .mapToLong(kilobytes -> 1024 * Long.parseLong(kilobytes))
        .findFirst()
        .orElse(0);
  }
}
