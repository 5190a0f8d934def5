package dev.inkling.artifact;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Whether a published artifact is what its manifest says, all of it inside the store. */
final class Integrity {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Integrity() {}

  static Manifest manifest(Path directory) throws IOException {
    return manifest(Files.readAllBytes(directory.resolve(Manifest.FILE)));
  }

  static Manifest manifest(byte[] bytes) throws IOException {
    return JSON.readValue(bytes, Manifest.class);
  }

  /** What is wrong with a published artifact, if anything is. */
  static Optional<String> problem(Path directory) {
    try {
      // A link would let what is read lie outside the store, where nobody keeps it from changing.
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        return Optional.of("it is no directory");
      }
      if (!regular(directory, Manifest.FILE)) {
        return Optional.of(Manifest.FILE + " is missing or no regular file");
      }
      Manifest manifest = manifest(directory);
      if (!manifest.key().equals(directory.getFileName().toString())) {
        return Optional.of("the manifest is that of " + manifest.key());
      }
      for (Map.Entry<String, Manifest.FileEntry> entry : manifest.files().entrySet()) {
        Path file = directory.resolve(entry.getKey());
        if (!regular(directory, entry.getKey())) {
          return Optional.of(entry.getKey() + " is missing or no regular file");
        }
        if (Files.size(file) != entry.getValue().bytes()
            || !Disk.sha256(file).equals(entry.getValue().sha256())) {
          return Optional.of(
              entry.getKey()
                  + " is not what was published: its SHA-256 differs from the manifest's");
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("it cannot be read: " + e.getMessage());
    }
  }

  /** Whether a name leads to a file inside a directory without passing over a link. */
  static boolean regular(Path directory, String name) {
    Path relative = Path.of(name);
    if (relative.isAbsolute() || !relative.normalize().equals(relative)) {
      return false;
    }
    Path at = directory;
    for (Path part : relative) {
      if (part.toString().equals("..") || Files.isSymbolicLink(at)) {
        return false;
      }
      at = at.resolve(part);
    }
    return Files.isRegularFile(at, LinkOption.NOFOLLOW_LINKS);
  }
}
