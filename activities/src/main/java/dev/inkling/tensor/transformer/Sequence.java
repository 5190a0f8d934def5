package dev.inkling.tensor.transformer;

/**
 * A row to train on.
 *
 * @param ids prompt and completion
 * @param completionFrom where the completion begins; the tokens from there on are learnt
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares rows.
public record Sequence(int[] ids, int completionFrom) {
  public Sequence {
    if (completionFrom < 1 || completionFrom >= ids.length) {
      throw new IllegalArgumentException(
          "a row of %d tokens cannot be learnt from token %d on: a prompt and a completion need a token each"
              .formatted(ids.length, completionFrom));
    }
  }

  /** How many tokens are learnt. */
  int completion() {
    return ids.length - completionFrom;
  }
}
