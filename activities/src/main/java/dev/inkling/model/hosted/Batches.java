package dev.inkling.model.hosted;

import dev.inkling.model.Answer;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A provider's batches for one model: many questions in one order, answered within a day at a lower
 * price. Calls block; what a call changes at the provider is its last effect.
 */
public interface Batches {
  /** The request that asks a question, as JSON on one line: the body of a direct request. */
  byte[] body(Question question);

  /**
   * An order for a batch.
   *
   * @param tag our name for it, which the provider is told
   * @param requests a line for each request: its number, a space, its body
   * @param count how many lines
   * @param since when it was first tried to place it; empty before that
   * @param known batches that are known to be others
   */
  record Order(String tag, Path requests, long count, Optional<Instant> since, Set<String> known) {
    public Order {
      known = Set.copyOf(known);
    }

    /** What people call it. */
    public String name() {
      return "the batch " + tag;
    }

    /** The name of a request in it: at most 64 letters, digits, hyphens. */
    String request(long number) {
      return tag + "-" + number;
    }
  }

  /** How far a batch is. */
  enum State {
    /** Answers are still to come. */
    RUNNING,
    /** No answer is to come any more: done, expired or cancelled. */
    ENDED,
    /** The provider did not accept it after all: nothing was asked. */
    FAILED,
    /** The same, because too much is waiting already: later it may be accepted. */
    CROWDED
  }

  /**
   * A batch at the provider.
   *
   * @param id the provider's name for it
   * @param answered how many answers there are, as far as the provider tells
   * @param files where its results lie, if they lie in files
   * @param words what the provider says of it
   */
  record Standing(String id, State state, long answered, List<String> files, String words) {
    public Standing {
      files = List.copyOf(files);
    }
  }

  /** Does what must be done once though its confirmation may be lost. */
  interface Effects {
    /**
     * What there is, or what the call makes.
     *
     * @param name our name for it
     * @param find looks it up
     */
    <T> T once(String name, Call<Optional<T>> find, Call<T> make)
        throws ModelException, IOException, InterruptedException;
  }

  /** A call to the provider. */
  @FunctionalInterface
  interface Call<T> {
    T run() throws ModelException, IOException, InterruptedException;
  }

  /** Takes what became of the requests. */
  interface Results {
    /** The answer to the request of that number. */
    void answered(long number, Answer answer) throws IOException;

    /** Why the request of that number has none. */
    void failed(long number, ModelException why) throws IOException;
  }

  /**
   * Whether the server has batches at all; nothing is paid.
   *
   * @throws ModelException REFUSED if it has none
   */
  void check() throws ModelException, InterruptedException;

  /**
   * The batch that an earlier call placed, whose confirmation was lost.
   *
   * @throws ModelException UNAVAILABLE while it cannot be known which of the provider's batches it
   *     is
   */
  Optional<Standing> find(Order order) throws ModelException, IOException, InterruptedException;

  /** Places an order, unless it was placed before. */
  Standing submit(Order order, Effects effects)
      throws ModelException, IOException, InterruptedException;

  /** How far it is; empty if the provider does not have it any more. */
  Optional<Standing> look(String id) throws ModelException, InterruptedException;

  /** Ends it; what is answered by then stays and is billed. */
  void cancel(String id) throws ModelException, InterruptedException;

  /**
   * Writes the results of a batch that has ended to a file, as the provider words them; false if it
   * does not have them any more.
   */
  boolean download(Standing batch, Path to)
      throws ModelException, IOException, InterruptedException;

  /**
   * Reads such a file.
   *
   * @throws ModelException if it is no such file, or of another order
   */
  void read(Path results, Order order, Results sink) throws ModelException, IOException;
}
