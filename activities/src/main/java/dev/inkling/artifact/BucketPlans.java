package dev.inkling.artifact;

import dev.inkling.crash.CrashPoint;
import dev.inkling.plan.Plan;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The plans of experiments in a bucket, one object for each: {@code experiments/<id>.json}. */
final class BucketPlans {
  private static final String FOLDER = "experiments/";
  private static final String ENDING = ".json";

  private final Bucket bucket;
  private final StoreRoot root;

  /**
   * The plans in a bucket.
   *
   * @param root named in messages when a plan cannot be read
   */
  BucketPlans(Bucket bucket, StoreRoot root) {
    this.bucket = bucket;
    this.root = root;
  }

  /** Writes a plan, unless those very bytes are there. */
  void keep(Plan plan) {
    byte[] bytes = root.io(() -> KeptPlans.bytes(plan));
    String name = name(plan.id());
    if (bucket.read(name).filter(there -> Arrays.equals(there.bytes(), bytes)).isEmpty()) {
      bucket.put(name, bytes);
      CrashPoint.PLAN_KEPT.reached();
    }
  }

  Optional<Plan> find(String id) {
    return ids().contains(id)
        ? bucket.read(name(id)).flatMap(stored -> root.io(() -> KeptPlans.read(id, stored.bytes())))
        : Optional.empty();
  }

  List<String> ids() {
    return bucket.list(FOLDER).stream()
        .map(object -> object.name().substring(FOLDER.length()))
        .filter(name -> name.endsWith(ENDING))
        .map(name -> name.substring(0, name.length() - ENDING.length()))
        .sorted()
        .toList();
  }

  void drop(String id) {
    if (ids().contains(id)) {
      bucket.remove(name(id));
    }
  }

  private static String name(String id) {
    return FOLDER + id + ENDING;
  }
}
