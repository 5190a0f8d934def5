package dev.inkling.language;

import dev.inkling.crash.CrashPoint;
import dev.inkling.model.ModelException;
import dev.inkling.stage.LaterException;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.Note;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Effects at a provider that must happen once, though the provider knows no idempotent call and its
 * answer may be lost: an upload, a job, a batch. What exists already is looked up by our own name
 * for it and adopted. What was tried, with unknown outcome, is tried again only after it has had
 * time to show.
 */
public final class Once {
  /**
   * After this time what a provider has accepted stands in its lists. As long as it takes Temporal
   * to notice that a worker is gone, so that after a crash nobody waits for it.
   */
  public static final Duration SETTLES = Duration.ofSeconds(10);

  /** A provider that is away or busy is asked again after this time, unless it names another. */
  private static final Duration AWAY = Duration.ofSeconds(20);

  /**
   * What was tried, and when, by our name for it.
   *
   * @param tried when, ISO 8601; removed when the provider has refused
   */
  record Tried(Map<String, String> tried) {
    Tried {
      tried = new LinkedHashMap<>(tried);
    }

    Optional<Instant> at(String name) {
      return Optional.ofNullable(tried.get(name)).map(Instant::parse);
    }
  }

  private final Note<Tried> note;
  private final Monitor monitor;
  private final Clock clock;

  /** The effects of a stage. */
  public Once(StageContext context, Clock clock) {
    this.note = new Note<>(context.work(), "tried.json", Tried.class);
    this.monitor = context.monitor();
    this.clock = clock;
  }

  /** A call to a provider. */
  @FunctionalInterface
  public interface Call<T> {
    T run() throws ModelException, IOException, InterruptedException;
  }

  /**
   * What there is, or what the call makes.
   *
   * @param name our name for it, the same after a crash
   * @param find looks it up at the provider
   * @param make makes it
   * @throws LaterException if it is not known yet whether an earlier call made it
   * @throws ModelException if the provider refuses
   */
  public <T> T perform(String name, Call<Optional<T>> find, Call<T> make)
      throws ModelException, IOException, InterruptedException {
    Optional<T> there = made(name, find);
    if (there.isPresent()) {
      return there.get();
    }
    Tried tried = note.read().orElse(new Tried(Map.of()));
    tried.tried().put(name, clock.instant().toString());
    note.write(tried);
    CrashPoint.CALL_ANNOUNCED.reached();
    T made;
    try {
      made = Attended.call(monitor, make);
    } catch (ModelException e) {
      if (e.reason() == ModelException.Reason.UNAVAILABLE) {
        // Accepted or not: nobody knows.
        throw unknown(name);
      }
      tried.tried().remove(name);
      note.write(tried);
      throw orLater(e);
    }
    CrashPoint.CALL_ACCEPTED.reached();
    return made;
  }

  /**
   * What an earlier call has made, if it has; nothing is made here.
   *
   * @param name as {@link #perform} was told
   * @param find looks it up at the provider
   * @throws LaterException if it is not known yet whether an earlier call made it
   */
  public <T> Optional<T> made(String name, Call<Optional<T>> find)
      throws ModelException, IOException, InterruptedException {
    Optional<T> there = ask(find);
    if (there.isEmpty()) {
      Optional<Instant> before = note.read().flatMap(tried -> tried.at(name));
      Instant now = clock.instant();
      if (before.isPresent() && Duration.between(before.get(), now).abs().compareTo(SETTLES) < 0) {
        throw unknown(name);
      }
    }
    return there;
  }

  /**
   * A call that changes nothing, or that may be made again; says meanwhile that the stage is alive.
   *
   * @throws LaterException if it cannot be answered now, which will pass
   */
  public <T> T ask(Call<T> call) throws ModelException, IOException, InterruptedException {
    return look(() -> Attended.call(monitor, call));
  }

  /**
   * A call that changes nothing and takes no longer than a heartbeat may fail.
   *
   * @throws LaterException if it cannot be answered now, which will pass
   */
  public static <T> T look(Call<T> call) throws ModelException, IOException, InterruptedException {
    try {
      return call.run();
    } catch (ModelException e) {
      throw orLater(e);
    }
  }

  /** What passes is no reason to give up a job that goes on without us. */
  private static ModelException orLater(ModelException e) {
    if (e.reason().passing()) {
      throw new LaterException(
          e.retryAfter().orElse(AWAY), e.getMessage() + " It is asked again; nothing is lost.");
    }
    return e;
  }

  private static LaterException unknown(String name) {
    return new LaterException(
        SETTLES, "It is not known yet whether the provider has accepted " + name + ".");
  }
}
