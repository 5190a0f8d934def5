package dev.inkling.starter;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small disk, which lies in memory and is mounted for as long as this is open. */
record SmallDisk(Path directory) implements AutoCloseable {
  /** Skips the test where the machine lets nobody mount. */
  static SmallDisk of(String size, Path directory) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    assumeTrue(
        succeeds("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", directory.toString()),
        "this machine does not let us mount a small disk");
    return new SmallDisk(directory);
  }

  void grow(String size) throws IOException, InterruptedException {
    if (!succeeds("mount", "-o", "remount,size=" + size, directory.toString())) {
      throw new AssertionError("the disk at " + directory + " did not grow");
    }
  }

  @Override
  public void close() throws IOException {
    try {
      succeeds("umount", "--lazy", directory.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean succeeds(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }
}
