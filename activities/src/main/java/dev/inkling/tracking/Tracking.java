package dev.inkling.tracking;

import java.util.List;
import java.util.function.Consumer;

/**
 * What experiments did, for questions over many of them. Derived from the store: nothing is lost
 * with it.
 */
public interface Tracking {
  /** Where it is, as people are told; nothing secret stands in it. */
  String place();

  /**
   * Replaces everything that is known of one experiment by what the store holds, all at once. Where
   * there is no database yet, or an unusable one, it is built from the whole store.
   *
   * @param alive hears of each experiment that is looked at, which may be all of them
   */
  void index(String experiment, Runnable alive) throws TrackingException;

  /** Builds the database anew from the store. */
  Built rebuild(Runnable alive) throws TrackingException;

  /**
   * Brings it up to date with the store: builds it if it is missing or unusable, and looks again at
   * the experiments that were not done.
   *
   * @param tell hears in a sentence what had to be built
   */
  void refresh(Consumer<String> tell) throws TrackingException;

  /**
   * The experiments that a filter takes, newest first; those of which nothing is made yet before
   * all others.
   */
  List<Listed> list(Filter filter) throws TrackingException;

  /** The ids of all experiments, in alphabetical order. */
  List<String> ids() throws TrackingException;

  /**
   * One experiment with its spec and what each of its conditions came to.
   *
   * @throws IllegalArgumentException if there is none of this id
   */
  Tracked experiment(String id) throws TrackingException;

  /**
   * What was found in the store.
   *
   * @param skipped a sentence for each experiment that could not be read
   */
  record Built(int experiments, int done, int artifacts, List<String> skipped) {
    public Built {
      skipped = List.copyOf(skipped);
    }

    /** The numbers in words. */
    public String sentence() {
      return experiments
          + (experiments == 1 ? " experiment (" : " experiments (")
          + done
          + " done), "
          + artifacts
          + (artifacts == 1 ? " artifact" : " artifacts");
    }
  }
}
