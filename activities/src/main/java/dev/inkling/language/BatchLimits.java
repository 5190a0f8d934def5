package dev.inkling.language;

/**
 * How questions are put into batches.
 *
 * @param requests how many into one batch at most
 * @param bytes how long its requests are together at most
 * @param direct so many questions that batches have left over are asked directly; more of them make
 *     another batch
 */
public record BatchLimits(int requests, long bytes, int direct) {
  /**
   * OpenAI takes 50,000 requests and 200 MB in a batch, Anthropic 100,000 and 256 MB. Fewer make
   * the first answers come sooner, an expired batch leave less over, and one fit into memory while
   * it is sent. A thousand direct questions take a minute, another batch may take a day.
   */
  public static final BatchLimits DEFAULT = new BatchLimits(10_000, 32L << 20, 1_000);

  public BatchLimits {
    if (requests < 1 || bytes < 1 || direct < 0) {
      throw new IllegalArgumentException("no room for a question: " + requests + ", " + bytes);
    }
  }
}
