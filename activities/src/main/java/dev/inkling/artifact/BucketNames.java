package dev.inkling.artifact;

import java.util.Optional;

/** Where things lie in a bucket: {@code artifacts/KEY/...} and {@code work/KEY/...}. */
final class BucketNames {
  static final String ARTIFACTS = "artifacts/";
  static final String WORK = "work/";

  private static final String KEY = "[0-9a-f]{64}";

  private BucketNames() {}

  /** Where an artifact's objects lie. */
  static String artifact(String key) {
    return ARTIFACTS + StoreRoot.checked(key) + "/";
  }

  /** The object by which an artifact is there. */
  static String manifest(String key) {
    return artifact(key) + Manifest.FILE;
  }

  /** Where the objects of the work on an artifact lie. */
  static String work(String key) {
    return WORK + StoreRoot.checked(key) + "/";
  }

  /** The object that says who works on it. */
  static String claim(String key) {
    return work(key) + "claim.json";
  }

  /** Whether a name is that of an artifact. */
  static boolean isKey(String name) {
    return name.matches(KEY);
  }

  /** The key of the artifact whose manifest an object is; an empty one was set aside. */
  static Optional<String> keyOfManifest(Bucket.Listed object) {
    String[] parts = object.name().split("/", -1);
    return parts.length == 3
            && isKey(parts[1])
            && parts[2].equals(Manifest.FILE)
            && object.bytes() > 0
        ? Optional.of(parts[1])
        : Optional.empty();
  }
}
