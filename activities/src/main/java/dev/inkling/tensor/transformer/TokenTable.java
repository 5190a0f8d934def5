package dev.inkling.tensor.transformer;

/**
 * Which tokens may come next, as an automaton over tokens. Tokens that lead to the same states from
 * everywhere share a class, so the table stays small.
 *
 * @param states how many states; an answer begins in state 0
 * @param classes how many classes of tokens
 * @param next [states, classes]: the state after a token of the class, or -1 where it may not come
 * @param classOf the class of each row of the model's vocabulary
 */
public record TokenTable(int states, int classes, int[] next, int[] classOf) {
  public TokenTable {
    if (next.length != states * classes) {
      throw new IllegalArgumentException(
          next.length + " transitions for " + states + " states and " + classes + " classes");
    }
  }

  /** The state after a token, or -1 if it may not come. */
  public int next(int state, int token) {
    return next[state * classes + classOf[token]];
  }
}
