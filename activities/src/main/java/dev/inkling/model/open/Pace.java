package dev.inkling.model.open;

/**
 * How much is done in one call of the device.
 *
 * @param steps tokens of each answer; those of answers that end before are in vain
 * @param tokens of questions that are read, all together
 */
record Pace(int steps, int tokens) {
  /**
   * Calls cost nothing beside the work. Reading 1024 tokens at once would be a thirtieth faster,
   * and take 60 MB more on each core for a model of 135 million weights.
   */
  static final Pace CPU = new Pace(4, 256);

  /**
   * Where a call waits for the device. Reading more tokens at once would hardly be faster (an H200,
   * 1.5 billion weights), and what is computed with would take more room than logits.
   */
  static final Pace GPU = new Pace(16, 2048);
}
