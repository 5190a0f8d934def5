package dev.inkling.tracking;

import dev.inkling.artifact.Store;
import dev.inkling.crash.CrashPoint;
import dev.inkling.plan.Plan;
import dev.inkling.stage.StopRequestedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an experiment leaves behind for those who look for it later: its plan in the store, and its
 * rows in the tracking database, which may be away.
 */
public final class Chronicle {
  private static final Logger log = LoggerFactory.getLogger(Chronicle.class);

  /** Shorter than the heartbeat timeout of an activity (10 s): nobody beats while it waits. */
  private static final Duration PATIENCE = Duration.ofSeconds(6);

  private final Path home;
  private final Map<String, String> environment;
  private final Store store;

  /**
   * The chronicle of a home directory.
   *
   * @param home INKLING_HOME
   */
  public Chronicle(Path home, Map<String, String> environment, Store store) {
    this.home = home;
    this.environment = Map.copyOf(environment);
    this.store = store;
  }

  /**
   * An experiment was planned.
   *
   * @throws dev.inkling.artifact.StoreException if the store cannot be written
   */
  public void planned(Plan plan) {
    store.remember(plan);
  }

  /**
   * An experiment's report was made. A database that does not answer costs a warning and nothing
   * else: the store has everything.
   *
   * @param alive called now and then while it works
   * @throws StopRequestedException if {@code alive} does: the work is left as if it had not begun
   */
  public void reported(String experiment, Runnable alive) {
    try {
      TrackingDatabase.of(home, environment, store, PATIENCE).index(experiment, alive);
      CrashPoint.EXPERIMENT_INDEXED.reached();
    } catch (TrackingException e) {
      log.warn(
          "{}; {} is not in it yet. To put that right: ./inkling reindex",
          e.getMessage(),
          experiment);
    } catch (StopRequestedException e) {
      throw e;
    } catch (RuntimeException | LinkageError e) {
      log.warn(
          "The tracking database failed in a way that has no name yet ({}); {} is complete, but not"
              + " in it. To try again: ./inkling reindex",
          e.toString(),
          experiment);
    }
  }
}
