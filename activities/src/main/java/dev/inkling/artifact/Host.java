package dev.inkling.artifact;

import dev.inkling.plan.Keys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** This machine, as far as a process's number means the same process everywhere on it. */
final class Host {
  private static final String IDENTITY =
      identity(
          Path.of("/etc/machine-id"),
          Path.of("/proc/sys/kernel/random/boot_id"),
          Path.of("/proc/self/ns/pid"));

  private static final int DIGITS = 32;

  private Host() {}

  /**
   * The same for all processes that can see each other, and for no others: of one machine, since it
   * was started last, in one container.
   */
  static String identity() {
    return IDENTITY;
  }

  /**
   * The identity that those files give, hashed, because a machine's own id is nobody else's
   * business.
   *
   * @param machine names the machine; containers have often the one of their image, or none
   * @param boot is new each time that the machine starts
   * @param processes a link that names the namespace in which processes are numbered
   */
  static String identity(Path machine, Path boot, Path processes) {
    Optional<String> started = text(boot);
    Optional<String> numbered = link(processes);
    if (started.isEmpty() || numbered.isEmpty()) {
      // Whose process a number is cannot be known here: nobody's claim is told by it.
      return "process-" + UUID.randomUUID();
    }
    String all = text(machine).orElse("") + "\n" + started.get() + "\n" + numbered.get();
    return Keys.sha256(all.getBytes(StandardCharsets.UTF_8)).substring(0, DIGITS);
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> link(Path file) {
    try {
      return Optional.of(Files.readSymbolicLink(file).toString());
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }
}
