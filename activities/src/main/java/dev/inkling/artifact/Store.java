package dev.inkling.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.plan.Plan;
import java.util.List;
import java.util.Optional;

/** Where artifacts live: on a file system, or in a bucket that several machines share. */
public interface Store {
  /**
   * The artifact with a key, after checking every file against its manifest. A damaged one is moved
   * aside, reported and then absent.
   */
  Optional<Artifact> find(String key);

  /**
   * The manifest of the artifact with a key, if it is there. Where its files lie on this machine
   * they are checked, as {@link #find} does; elsewhere they stay where they are.
   */
  Optional<Manifest> published(String key);

  /**
   * The artifact with a key as its manifest says, its files unread: for who wants a small one of
   * many gigabytes, and compares that one's SHA-256 itself. A file that lies elsewhere is fetched
   * when it is asked for by its name.
   */
  Optional<Artifact> look(String key);

  /**
   * Claims the making of an artifact. A claim of the same owner, or of a process that is gone, is
   * taken over at once; that of another one that is at work is not.
   *
   * @param owner who makes it: attempts of one owner replace each other
   * @return the work directory, or empty while another owner is at work on it
   */
  Optional<Work> claim(String key, String owner);

  /** Every published manifest, newest first; those that cannot be read are left out. */
  List<Manifest> list();

  /** Reads everything again; one finding for each damaged or unreadable artifact. */
  List<Finding> verify();

  /**
   * Keeps the plan of an experiment, so that it is known of before it has a report; in place of the
   * one that was kept under its id.
   */
  void remember(Plan plan);

  /** The plan of an experiment; empty if none was kept or nobody can read it any more. */
  Optional<Plan> plan(String experiment);

  /** The ids of the experiments whose plans were kept, in alphabetical order. */
  List<String> planned();

  /** Drops the plan of an experiment; its artifacts stay. */
  void forget(String experiment);

  /** Removes what crashes have left beside what was published. */
  void tidy();

  /** What could be removed. */
  Garbage garbage();

  /**
   * Writes something small and removes it, to see whether this can be a store.
   *
   * @throws StoreException if it cannot
   */
  void probe();

  /** Where it lies, for people: a directory, or a bucket. */
  String place();

  /**
   * The same store for somebody who has to show a sign of life while many bytes are read or are on
   * their way.
   *
   * @param alive called every second then; what it throws ends a transfer within seconds, unless
   *     that one keeps or publishes something
   */
  Store telling(Runnable alive);

  /** What is wrong with an artifact. */
  record Finding(String key, String problem) {}

  /** The work on one artifact: private until it is published. */
  interface Work extends AutoCloseable {
    /**
     * Where work in progress lies, checkpoints for example; it survives a crash. What is written
     * there without {@link #keep} either grows at its end or is smaller than 64 KiB, and follows to
     * another machine with the next {@link #renew}, {@link #keep} or {@link #close}.
     */
    java.nio.file.Path scratch();

    /** Where the artifact's files are written; this attempt's own, empty at its start. */
    java.nio.file.Path output();

    /** Where a file is written before {@link #keep} takes it; this attempt's own. */
    java.nio.file.Path draft(String name);

    /**
     * Moves a finished draft into {@link #scratch}, in place of what is there under that name. The
     * file must have been forced to the disk.
     *
     * @throws SupersededException if another attempt has taken the work over
     */
    void keep(String name);

    /**
     * The same for what saves work and says nothing else, as a checkpoint does. A store elsewhere
     * that does not answer now is no failure, as long as nobody may have taken the work over: the
     * draft is kept on this machine, and follows with the next {@link #renew}.
     *
     * @throws SupersededException if another attempt has taken the work over
     */
    default void checkpoint(String name) {
      keep(name);
    }

    /** How many attempts there have been, this one included. */
    int attempt();

    /** The work of the attempt before that nothing kept, so that it must be done again. */
    java.time.Duration lost();

    /**
     * Says that this attempt is alive.
     *
     * @throws SupersededException if another attempt has taken the work over
     */
    void renew();

    /** How often {@link #renew} is worth its price. */
    default java.time.Duration renewEvery() {
      return java.time.Duration.ofSeconds(1);
    }

    /**
     * Publishes the files in {@link #output}: all of them, at once, for good.
     *
     * @param seconds the work done for them so far; forcing them to the disk is added
     * @throws SupersededException if another attempt has taken the work over
     */
    Artifact publish(JsonNode identity, String name, String summary, double seconds);

    /** Gives the claim back; the scratch directory stays unless the artifact was published. */
    @Override
    void close();
  }

  /**
   * Another attempt has taken over what this one was making: it must stop and may write nothing
   * more.
   */
  final class SupersededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SupersededException(String message) {
      super(message);
    }
  }
}
