package dev.inkling.model.hosted;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/** A response's body that becomes a file. */
final class Download {
  private Download() {}

  /**
   * Copies it. What cannot be read is the provider's fault; what cannot be written is the store's.
   *
   * @param broken how an SDK says that its provider broke the body off
   * @throws UncheckedIOException if the file cannot be written
   */
  static void copy(InputStream body, Path to, Function<IOException, RuntimeException> broken) {
    byte[] buffer = new byte[1 << 16];
    try (OutputStream out = Files.newOutputStream(to)) {
      for (int read = read(body, buffer, broken); read >= 0; read = read(body, buffer, broken)) {
        out.write(buffer, 0, read);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int read(
      InputStream body, byte[] buffer, Function<IOException, RuntimeException> broken) {
    try {
      return body.read(buffer);
    } catch (IOException e) {
      throw broken.apply(e);
    }
  }
}
