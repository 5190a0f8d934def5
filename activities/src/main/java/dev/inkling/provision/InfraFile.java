package dev.inkling.provision;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/**
 * A file of {@code infra/} that goes to the tools that make machines, packed into the archive as it
 * stands there.
 */
public enum InfraFile {
  /** The task of SkyPilot, with words between at signs that are to be filled in. */
  SKY_TASK("sky/worker.yaml"),

  /** The job of Slurm, with words between at signs that are to be filled in. */
  SLURM_JOB("slurm/worker.sh"),

  /** The app of Modal. */
  MODAL_APP("modal/worker.py"),

  /** What finds or fetches torch's CUDA libraries on a machine with a GPU. */
  GPU_LIBRARIES("gpu/libraries.sh");

  private final String path;

  InfraFile(String path) {
    this.path = path;
  }

  /** All of it. */
  public String text() {
    try (InputStream in = InfraFile.class.getResourceAsStream(path)) {
      return new String(Objects.requireNonNull(in, path).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("infra/" + path + " cannot be read", e);
    }
  }

  /**
   * Writes it into a directory, under its own name; whoever reads it there meanwhile sees all of
   * it.
   */
  public Path copyTo(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve(path.substring(path.lastIndexOf('/') + 1)).toAbsolutePath();
    Path part = Files.createTempFile(directory, "infra", ".part");
    Files.writeString(part, text(), UTF_8);
    return Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
