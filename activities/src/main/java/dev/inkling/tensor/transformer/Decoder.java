package dev.inkling.tensor.transformer;

import java.util.List;

/**
 * A network that reads and writes sequences token by token. Each sequence has a slot, in which the
 * keys and values of what was read so far are kept; which slot holds what is the caller's business.
 * For one thread at a time. Whatever is asked for may end in an exception that {@link
 * OutOfMemoryException#isMeant} knows; then what the slots hold is unknown.
 */
public interface Decoder extends AutoCloseable {
  /** Bytes that one position of one slot takes. */
  long positionBytes();

  /** The longest sequence that the network takes, in tokens. */
  int context();

  /**
   * Makes room, and forgets what was in the slots before.
   *
   * @param slots how many sequences at once
   * @param length the longest sequence in tokens; {@code slots * (length + 1) * positionBytes()} is
   *     taken
   */
  void allocate(int slots, int length);

  /**
   * Copies the first columns of some slots over those of others. All are read before any is
   * written.
   */
  void copy(int[] sources, int[] targets, int columns);

  /**
   * Reads tokens into slots, and scores those that are asked for.
   *
   * @param alternatives how many of the most probable tokens to give beside each scored one
   * @return the scores of all targets, span after span
   */
  List<Score> extend(List<Span> spans, int alternatives);

  /**
   * Writes some tokens of the sequences in the first slots: row r is slot r.
   *
   * @param alternatives how many of the most probable tokens to give beside each; 0 for no
   *     log-probabilities at all
   * @return for each row its tokens, as many as steps
   */
  List<Drawn> decode(List<Row> rows, int steps, int alternatives);

  @Override
  void close();

  /**
   * Tokens that are read into a slot.
   *
   * @param begin the position of the first; those before it have been read
   * @param targets what is scored: the tokens that follow the last ids, one each. Empty for none
   */
  record Span(int slot, int begin, int[] ids, int[] targets) {
    /** Tokens of which none is scored. */
    public Span(int slot, int begin, int[] ids) {
      this(slot, begin, ids, new int[0]);
    }
  }

  /**
   * The probability of a token, by the network itself: at temperature 1, nothing left out.
   *
   * @param logprob its natural logarithm
   * @param tokens the most probable tokens in its place, most probable first
   * @param logprobs theirs
   */
  record Score(float logprob, int[] tokens, float[] logprobs) {}

  /**
   * How the next tokens of a row are drawn.
   *
   * @param token the last token, not yet read
   * @param position where it stands
   * @param state of the choice's table, if it has one
   * @param uniforms a number in [0, 1) for each step
   */
  record Row(int token, int position, Choice choice, int state, float[] uniforms) {}

  /**
   * Tokens of a row.
   *
   * @param scores one for each token, if asked for
   */
  record Drawn(int[] tokens, List<Score> scores) {}
}
