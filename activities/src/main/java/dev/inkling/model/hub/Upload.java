package dev.inkling.model.hub;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that is to be in a repository.
 *
 * @param path in the repository
 * @param sha256 its name if it is kept as a large file
 * @param blob its name if git itself keeps it
 */
record Upload(String path, long size, String sha256, String blob, Content content) {
  /** What is in it, to be read as often as it takes. */
  @FunctionalInterface
  interface Content {
    InputStream open() throws IOException;
  }

  static Upload of(String path, Path file) throws IOException {
    return of(path, Files.size(file), () -> Files.newInputStream(file));
  }

  static Upload of(String path, byte[] bytes) throws IOException {
    return of(path, bytes.length, () -> new ByteArrayInputStream(bytes));
  }

  private static Upload of(String path, long size, Content content) throws IOException {
    return new Upload(
        path,
        size,
        Hashes.of(content.open(), Hashes.sha256()),
        Hashes.of(content.open(), Hashes.blob(size)),
        content);
  }

  /** Whether a repository's file has the same content already. */
  boolean same(HubFile file) {
    return file.path().equals(path)
        && file.etag().equals(file.sha256().isPresent() ? sha256 : blob);
  }
}
