package dev.inkling.provision.modal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/** The page {@code infra/modal/worker.py}, which Modal runs as it is. */
final class ModalPage {
  private static final String PAGE = "/dev/inkling/provision/modal/worker.py";

  private ModalPage() {}

  static String text() {
    try (InputStream stream = Objects.requireNonNull(ModalPage.class.getResourceAsStream(PAGE))) {
      return new String(stream.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("The page " + PAGE + " cannot be read", e);
    }
  }

  /** The page as a file: Modal reads nothing else. */
  static Path in(Path directory) throws ProvisionException {
    Path page = directory.resolve("worker.py").toAbsolutePath();
    try {
      Files.createDirectories(directory);
      Path part = Files.createTempFile(directory, "worker", ".part");
      Files.writeString(part, text());
      Files.move(part, page, StandardCopyOption.ATOMIC_MOVE);
      return page;
    } catch (IOException e) {
      throw new ProvisionException(
          Reason.UNAVAILABLE,
          "%s cannot be written (%s). Nothing was started. Make room there."
              .formatted(page, e.getMessage()));
    }
  }
}
