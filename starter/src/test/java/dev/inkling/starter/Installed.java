package dev.inkling.starter;

import dev.inkling.server.TemporalCli;
import dev.inkling.tensor.Torch;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What the first command in a home installs there, done once for all tests.
 *
 * @param temporal the Temporal server's binary
 * @param djl where libtorch lies unpacked
 */
public record Installed(Path temporal, Path djl) {
  private static final Path SHARED = Path.of("target/shared").toAbsolutePath();

  /** Installs what is missing. Test processes that begin together wait for the one that does it. */
  public static synchronized Installed here() throws IOException {
    Path djl = Files.createDirectories(SHARED.resolve("djl"));
    try (FileChannel file =
        FileChannel.open(
            SHARED.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.lock(); // until the file is closed
      Path temporal = new TemporalCli(SHARED, System.getenv("PATH")).require(System.err::println);
      Path unpacked = SHARED.resolve("djl-unpacked");
      if (!Files.exists(unpacked)) {
        Torch.configure(djl);
        Torch.warmUp();
        Files.createFile(unpacked);
      }
      return new Installed(temporal, djl);
    }
  }
}
