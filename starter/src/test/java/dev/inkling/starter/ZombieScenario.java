package dev.inkling.starter;

import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/**
 * An attempt that slept while another one took over, wakes up and keeps its checkpoint; exit code 0
 * if its successor's stays, 1 if not. A process of its own, because a negative control runs it on
 * changed classes.
 */
final class ZombieScenario {
  private ZombieScenario() {}

  public static void main(String[] arguments) throws Exception {
    LocalStore store = new LocalStore(Path.of(arguments[0]), Clock.systemUTC(), Map.of());
    String key = "0".repeat(64);
    Store.Work zombie = store.claim(key, "owner").orElseThrow();
    Store.Work successor = store.claim(key, "owner").orElseThrow();
    write(successor, "the successor's");
    successor.keep("checkpoint");
    try {
      write(zombie, "the zombie's");
      zombie.keep("checkpoint");
    } catch (Store.SupersededException e) {
      System.out.println(e.getMessage());
    }
    String kept = Files.readString(successor.scratch().resolve("checkpoint"));
    System.out.println("kept: " + kept);
    System.exit(kept.equals("the successor's") ? 0 : 1);
  }

  private static void write(Store.Work work, String text) throws Exception {
    Files.createDirectories(work.draft("checkpoint").getParent());
    Files.writeString(work.draft("checkpoint"), text);
  }
}
