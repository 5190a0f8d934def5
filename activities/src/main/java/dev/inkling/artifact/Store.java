package dev.inkling.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.plan.Plan;
import java.util.List;
import java.util.Optional;

/** Where artifacts live: on a file system, later also in object storage. */
public interface Store {
  /**
   * The artifact with a key, after checking every file against its manifest. A damaged one is moved
   * aside, reported and then absent.
   */
  Optional<Artifact> find(String key);

  /**
   * The artifact with a key as its manifest says, its files unread: for who wants a small one of
   * many gigabytes, and compares that one's SHA-256 itself.
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

  /** What is wrong with an artifact. */
  record Finding(String key, String problem) {}

  /** The work on one artifact: private until it is published. */
  interface Work extends AutoCloseable {
    /** Where work in progress lies, checkpoints for example; it survives a crash. */
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
