package dev.inkling.spec;

import java.util.List;
import java.util.stream.Collectors;

/** A spec that no stage may see; it carries every problem at once. */
public final class InvalidSpecException extends Exception {
  private static final long serialVersionUID = 1;

  @SuppressWarnings("serial") // an immutable list of records; never serialised
  private final List<Problem> problems;

  public InvalidSpecException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** Every problem, in the order of the document. */
  public List<Problem> problems() {
    return problems;
  }
}
