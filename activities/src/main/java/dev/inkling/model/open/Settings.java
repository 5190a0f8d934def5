package dev.inkling.model.open;

import ai.djl.Device;
import dev.inkling.spec.Compute;

/**
 * Where and how a model is run.
 *
 * @param slots how many answers are written at once, at most
 * @param cacheBytes for keys and values of all of them; beside it, the device holds the weights and
 *     what is computed with
 */
public record Settings(Device device, Compute.Precision precision, int slots, long cacheBytes) {
  public Settings {
    if (slots < 1 || cacheBytes < 1) {
      throw new IllegalArgumentException(slots + " slots and " + cacheBytes + " bytes");
    }
  }

  /** As many answers as a device is busy with, and memory that most machines have for them. */
  public static Settings on(Device device, Compute.Precision precision) {
    return device.isGpu()
        ? new Settings(device, precision, 256, 16L << 30)
        : new Settings(device, precision, 64, 4L << 30);
  }

  /** The same with another number of answers at once. */
  public Settings withSlots(int others) {
    return new Settings(device, precision, others, cacheBytes);
  }

  /** A GPU is one; on a CPU each core is. */
  int lanes() {
    return device.isGpu() ? 1 : Math.min(slots, Runtime.getRuntime().availableProcessors());
  }

  Pace pace() {
    return device.isGpu() ? Pace.GPU : Pace.CPU;
  }

  /** Each lane's part. */
  Room room(long positionBytes) {
    return new Room(Math.ceilDiv(slots, lanes()), cacheBytes / lanes(), positionBytes);
  }
}
