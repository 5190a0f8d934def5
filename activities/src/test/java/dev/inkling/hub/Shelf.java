package dev.inkling.hub;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** All repositories, and the large files that were uploaded. */
final class Shelf {
  private final Map<String, Repository> repositories = new HashMap<>();
  private final Map<String, byte[]> uploaded = new HashMap<>();
  private OptionalInt parts = OptionalInt.empty();

  synchronized Repository make(String name, boolean hidden) {
    Repository repository = new Repository(name);
    if (hidden) {
      repository.hide();
    }
    repositories.put(name, repository);
    return repository;
  }

  synchronized Optional<Repository> find(String name) {
    return Optional.ofNullable(repositories.get(name));
  }

  /** The repository that had that name before. */
  synchronized Optional<Repository> moved(String name) {
    return repositories.values().stream()
        .filter(r -> r.movedFrom().equals(Optional.of(name)))
        .findFirst();
  }

  synchronized void partsOf(int bytes) {
    parts = OptionalInt.of(bytes);
  }

  synchronized OptionalInt parts() {
    return parts;
  }

  synchronized void upload(String sha256, byte[] bytes) {
    uploaded.put(sha256, bytes);
  }

  /** A large file, whoever has brought it. */
  synchronized Optional<byte[]> large(String sha256) {
    if (uploaded.containsKey(sha256)) {
      return Optional.of(uploaded.get(sha256));
    }
    return repositories.values().stream()
        .flatMap(r -> r.commits().stream())
        .flatMap(c -> c.files().values().stream())
        .filter(f -> f.large() && f.sha256().equals(sha256))
        .map(Repository.Content::bytes)
        .findFirst();
  }
}
