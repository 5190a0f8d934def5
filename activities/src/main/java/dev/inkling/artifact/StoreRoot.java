package dev.inkling.artifact;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;

/** Where things lie under a store's directory, and what people are told when it fails. */
record StoreRoot(Path directory) {
  /** What is published. */
  Path artifacts() {
    return directory.resolve("artifacts");
  }

  /** What is in the making. */
  Path work() {
    return directory.resolve("work");
  }

  /** What no longer matched its manifest. */
  Path damaged() {
    return directory.resolve("damaged");
  }

  /** The plans of experiments. */
  Path experiments() {
    return directory.resolve("experiments");
  }

  Path published(String key) {
    return artifacts().resolve(checked(key));
  }

  Path working(String key) {
    return work().resolve(checked(key));
  }

  static String checked(String key) {
    if (!key.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("'" + key + "' is no key: 64 hexadecimal digits");
    }
    return key;
  }

  /**
   * Two owners may finish the same artifact one after the other; the bytes are the same, and the
   * first one stays.
   */
  void moveUnlessThere(Path finished, Path target) throws IOException {
    if (Files.exists(target)) {
      return;
    }
    try {
      Disk.moveInto(finished, target);
    } catch (FileSystemException e) {
      // On a network file system another machine's may have come into sight only now.
      if (!Files.exists(target.resolve(Manifest.FILE))) {
        throw e;
      }
    }
  }

  /** Input and output whose failures become messages for people. */
  <T> T io(IoCall<T> call) {
    try {
      return call.run();
    } catch (IOException e) {
      throw StoreException.of(directory, e);
    } catch (ReadOnlyFileSystemException e) {
      throw StoreException.of(directory, e);
    }
  }

  /** Work on files that gives something. */
  @FunctionalInterface
  interface IoCall<T> {
    T run() throws IOException;
  }
}
