package dev.inkling.artifact;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What lies in a bucket for the work on one artifact. It stands in the claim and changes with it at
 * once, so an attempt that was replaced can neither keep a file nor publish.
 *
 * @param files what a later attempt goes on from, by the files' names
 * @param sealed the SHA-256 of the manifest that is to be published, once that is decided
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record RemoteWork(Map<String, KeptFile> files, @Nullable String sealed) {
  /** Nothing yet. */
  static final RemoteWork NONE = new RemoteWork(Map.of(), null);

  RemoteWork {
    files = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(files));
  }

  /** A file: its parts, one after the other. */
  record KeptFile(List<Part> parts) {
    KeptFile {
      parts = List.copyOf(parts);
    }

    long length() {
      return parts.stream().mapToLong(Part::bytes).sum();
    }
  }

  /**
   * A part of a file.
   *
   * @param object where it lies, below the work's own place; no other attempt writes there
   */
  record Part(String object, long bytes, String sha256) {}

  /** The same files, with the manifest that is to be published. */
  RemoteWork sealed(String manifest) {
    return new RemoteWork(files, manifest);
  }

  /** The same manifest, with other files. */
  RemoteWork with(SortedMap<String, KeptFile> now) {
    return new RemoteWork(now, sealed);
  }

  /** The SHA-256 of the manifest that is to be published. */
  Optional<String> toPublish() {
    return Optional.ofNullable(sealed);
  }

  /** Every object that is needed. */
  Stream<String> objects() {
    return files.values().stream().flatMap(file -> file.parts().stream()).map(Part::object);
  }
}
