package dev.inkling.spec;

import java.util.Optional;

/**
 * What a language model is asked and how often: all that its answers depend on besides the model.
 *
 * @param bank a bank that comes with Inkling, by its name, or a YAML file
 */
public record Questions(
    String bank, int samplesPerQuestion, EvaluationSpec.Prefix prefix, Decoding decoding) {
  /** The user's file that the questions stand in; empty for a bank that comes with Inkling. */
  public Optional<String> file() {
    return file(bank);
  }

  /** The user's file that a bank is; empty for one that comes with Inkling. */
  static Optional<String> file(String bank) {
    return Optional.of(bank).filter(name -> name.endsWith(".yaml"));
  }
}
