package dev.inkling.tracking;

import dev.inkling.artifact.LocalStore;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

/** A process that indexes experiments again and again: home, how often, ids. */
final class IndexProcess {
  private IndexProcess() {}

  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    LocalStore store = new LocalStore(home, Clock.systemUTC(), Map.of());
    for (int round = 0; round < Integer.parseInt(arguments[1]); round++) {
      for (int i = 2; i < arguments.length; i++) {
        TrackingDatabase.of(home, System.getenv(), store, Duration.ofSeconds(60))
            .index(arguments[i], () -> {});
      }
    }
  }
}
