package dev.inkling.prompt;

import dev.inkling.prompt.NumberBank.Part;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Prompts that show a few numbers and ask for more, without end: the i-th is a function of bank,
 * settings and seed alone, and the same text that Python code makes which draws with {@code
 * numpy.random.Generator(numpy.random.PCG64(seed))} in the order of {@link #draw} (the reference is
 * number_prompts.py beside the tests).
 *
 * <p>Draws are sequential, so the i-th prompt needs the draws of all before it; {@link #skip} makes
 * them without their texts, more than ten times as fast. Memory is that of one prompt. Not safe for
 * several threads.
 */
public final class NumberPrompts implements Iterator<String> {
  private final NumberBank bank;
  private final NumberSettings settings;
  private final Pcg64 random;

  /**
   * The prompts from the first one on.
   *
   * @throws IllegalArgumentException if the seed is negative
   */
  public NumberPrompts(NumberBank bank, NumberSettings settings, long seed) {
    this.bank = bank;
    this.settings = settings;
    this.random = new Pcg64(seed);
  }

  /** There is always another one. */
  @Override
  public boolean hasNext() {
    return true;
  }

  @Override
  public String next() {
    return draw().text(settings);
  }

  /** Passes over so many prompts, to go on where an earlier run ended. */
  public void skip(long prompts) {
    for (long i = 0; i < prompts; i++) {
      draw();
    }
  }

  /** The draws of one prompt; their order is part of what a seed means. */
  private Draft draw() {
    int count = (int) random.integers(settings.minExamples(), settings.maxExamples());
    return new Draft(
        random.integers(settings.minValue(), settings.maxValue(), count),
        choice(Part.EXAMPLE),
        choice(Part.COUNT_QUALIFIER),
        choice(Part.DIGIT_DESCRIPTOR),
        choice(Part.INSTRUCTION),
        choice(Part.FORMAT),
        choice(Part.CLOSING));
  }

  private Template choice(Part part) {
    return random.choice(bank.templates(part));
  }

  /** What was drawn for a prompt. */
  private record Draft(
      long[] examples,
      Template example,
      Template countQualifier,
      Template digitDescriptor,
      Template instruction,
      Template format,
      Template closing) {
    String text(NumberSettings settings) {
      String shown =
          Arrays.stream(examples).mapToObj(Long::toString).collect(Collectors.joining(", "));
      String digits =
          digitDescriptor.fill(Map.of("maxDigits", Integer.toString(settings.maxDigits())));
      Map<String, String> request =
          Map.of(
              "countQualifier", countQualifier.fill(Map.of()),
              "answerCount", Integer.toString(settings.answerCount()),
              "digitDescriptor", digits);
      return String.join(
          " ",
          List.of(
              example.fill(Map.of("examples", shown)),
              instruction.fill(request),
              format.fill(Map.of()),
              closing.fill(Map.of())));
    }
  }
}
