package dev.inkling.prompt;

/**
 * What the numbers in a prompt are, and what it asks for.
 *
 * @param minExamples the fewest numbers that a prompt shows
 * @param maxExamples one more than the most, as numpy counts
 * @param minValue the smallest number shown
 * @param maxValue one more than the largest
 * @param answerCount how many numbers the model is asked for
 * @param maxDigits how many digits each of them may have
 */
public record NumberSettings(
    int minExamples, int maxExamples, int minValue, int maxValue, int answerCount, int maxDigits) {
  /** The usual protocol: 3 to 8 numbers of three digits are shown, 10 are asked for. */
  public static final NumberSettings DEFAULTS = new NumberSettings(3, 9, 100, 1000, 10, 3);

  /** No model reads a longer prompt with profit, and each prompt is held in memory. */
  private static final int MOST_EXAMPLES = 10_000;

  public NumberSettings {
    require(minExamples >= 1, "minExamples is " + minExamples + "; a prompt shows at least 1");
    require(
        minExamples < maxExamples,
        "maxExamples is exclusive: " + maxExamples + " must be more than " + minExamples);
    require(
        maxExamples <= MOST_EXAMPLES,
        "maxExamples is " + maxExamples + "; at most " + MOST_EXAMPLES);
    require(
        minValue < maxValue,
        "maxValue is exclusive: " + maxValue + " must be more than " + minValue);
    require(answerCount >= 1, "answerCount is " + answerCount + "; ask for at least 1 number");
    require(maxDigits >= 1, "maxDigits is " + maxDigits + "; a number has at least 1 digit");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
