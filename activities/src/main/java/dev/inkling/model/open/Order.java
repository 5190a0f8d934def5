package dev.inkling.model.open;

import dev.inkling.tensor.transformer.Choice;
import dev.inkling.tensor.transformer.Decoder;
import java.util.Arrays;
import java.util.List;

/** What is asked of the network, in tokens. */
sealed interface Order {
  /** Tokens that are read before anything else; the last one is left for what comes then. */
  int[] ids();

  /** How many positions of a slot it takes at most. */
  int length();

  /** How many positions may be taken over from another sequence that begins alike. */
  int sharable();

  /** How many of the most probable tokens are given beside each. */
  int alternatives();

  /**
   * An answer that is drawn.
   *
   * @param most at most so many tokens
   * @param key of the random numbers: token n takes number n
   */
  record Sample(int[] ids, int most, Choice choice, long key, int alternatives) implements Order {
    @Override
    public int length() {
      return ids.length + most;
    }

    @Override
    public int sharable() {
      return ids.length - 1;
    }
  }

  /**
   * An answer that is given.
   *
   * @param from the first token that is scored; there is one before it
   */
  record Given(int[] ids, int from, int alternatives) implements Order {
    @Override
    public int length() {
      return ids.length;
    }

    @Override
    public int sharable() {
      return from - 1;
    }

    int[] scored() {
      return Arrays.copyOfRange(ids, from, ids.length);
    }
  }

  /**
   * What came of it.
   *
   * @param tokens those of the answer, without the one that ended it
   * @param scores one for each token, if asked for
   * @param stopped whether a stop token ended it
   */
  record Outcome(int[] tokens, List<Decoder.Score> scores, boolean stopped) {}
}
