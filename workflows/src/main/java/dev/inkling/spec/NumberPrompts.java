package dev.inkling.spec;

import java.util.Optional;

/** How prompts are made that show a few numbers and ask for more. */
public record NumberPrompts(
    @Field("A file with a bank of wordings; left out, Inkling's own.") Optional<String> bank,
    @Field(value = "The fewest numbers shown.", byDefault = "3", min = 1, max = 1000)
        int minExamples,
    @Field(value = "One more than the most numbers shown.", byDefault = "9", min = 2, max = 1001)
        int maxExamples,
    @Field(value = "The smallest number shown.", byDefault = "100", min = 0) int minValue,
    @Field(value = "One more than the largest number shown.", byDefault = "1000", min = 1)
        int maxValue,
    @Field(value = "How many numbers are asked for.", byDefault = "10", min = 1) int answerCount,
    @Field(value = "How many digits they may have.", byDefault = "3", min = 1) int maxDigits) {
  public NumberPrompts {
    if (minExamples >= maxExamples) {
      throw new IllegalArgumentException("minExamples must be below maxExamples");
    }
    if (minValue >= maxValue) {
      throw new IllegalArgumentException("minValue must be below maxValue");
    }
  }

  /** The same without the place of its bank, whose hash stands elsewhere. */
  public NumberPrompts anonymous() {
    return new NumberPrompts(
        Optional.empty(), minExamples, maxExamples, minValue, maxValue, answerCount, maxDigits);
  }
}
