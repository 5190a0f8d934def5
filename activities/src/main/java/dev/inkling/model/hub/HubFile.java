package dev.inkling.model.hub;

import java.util.Optional;

/**
 * A file of a repository, as its list says.
 *
 * @param path in the repository
 * @param blob the SHA-1 that git names it by; for a large one, of what stands in for it
 * @param sha256 of a large one's content
 */
record HubFile(String path, long size, String blob, Optional<String> sha256) {
  HubFile {
    if (size < 0
        || !blob.matches("[0-9a-f]{40}")
        || !sha256.map(s -> s.matches("[0-9a-f]{64}")).orElse(true)) {
      throw new IllegalArgumentException("a file with a size and hashes is expected");
    }
  }

  /** The hash of its content, by which it is named in the cache and known to the Hub. */
  String etag() {
    return sha256.orElse(blob);
  }
}
