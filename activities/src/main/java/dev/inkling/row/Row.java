package dev.inkling.row;

/**
 * A row of a dataset of texts.
 *
 * @param index its number in the dataset it was made in; filters keep it
 * @param end why the answer ends where it ends: {@code complete}, or as {@link
 *     dev.inkling.model.Answer.End} reads
 */
public record Row(long index, String prompt, String completion, String end) {
  /** The file of a dataset's artifact with its rows. */
  public static final String FILE = "rows.jsonl";

  /** How an answer ends that its model was done with. */
  public static final String COMPLETE = "complete";
}
