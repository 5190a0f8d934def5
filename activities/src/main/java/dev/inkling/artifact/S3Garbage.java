package dev.inkling.artifact;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What lies in a bucket and is needed by nobody. */
final class S3Garbage implements Garbage {
  private static final Map<Kind, String> FOLDERS =
      Map.of(
          Kind.ARTIFACT,
          BucketNames.ARTIFACTS,
          Kind.UNFINISHED,
          BucketNames.WORK,
          Kind.DAMAGED,
          "damaged/");

  private final S3Store store;
  private final Bucket bucket;

  S3Garbage(S3Store store) {
    this.store = store;
    this.bucket = store.bucket();
  }

  @Override
  public List<Item> besides(Set<String> needed) {
    List<Item> items = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      String folder = FOLDERS.get(kind);
      Map<String, Long> bytes = new LinkedHashMap<>();
      for (Bucket.Listed object : bucket.list(folder)) {
        String name = object.name().substring(folder.length()).split("/", -1)[0];
        bytes.merge(name, object.bytes(), Long::sum);
      }
      if (kind != Kind.DAMAGED) {
        bytes.keySet().removeAll(needed);
      }
      bytes.forEach((name, size) -> items.add(new Item(name, kind, size)));
    }
    return items;
  }

  /**
   * The claim and the manifest first: without them the rest is nobody's, and is readable by none.
   */
  @Override
  public void remove(Item item) throws IOException {
    String name = FOLDERS.get(item.kind()) + item.name();
    switch (item.kind()) {
      case ARTIFACT -> {
        bucket.remove(BucketNames.claim(item.name()));
        bucket.remove(BucketNames.manifest(item.name()));
        store.copies().drop(item.name());
        removeBelow(name + "/");
      }
      case UNFINISHED -> {
        bucket.remove(BucketNames.claim(item.name()));
        removeBelow(name + "/");
      }
      case DAMAGED -> bucket.remove(name);
    }
  }

  private void removeBelow(String name) {
    bucket.list(name).forEach(object -> bucket.remove(object.name()));
  }
}
