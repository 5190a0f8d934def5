package dev.inkling.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A spec that no stage may see; it carries every problem at once. */
public final class InvalidSpecException extends Exception {
  private static final long serialVersionUID = 1;

  /** More are of no use to a reader, and a failure has to fit into a history. */
  private static final int MOST = 50;

  @SuppressWarnings("serial") // an immutable list of records; never serialised
  private final List<Problem> problems;

  public InvalidSpecException(List<Problem> problems) {
    super(first(problems).stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = first(problems);
  }

  private static List<Problem> first(List<Problem> problems) {
    if (problems.size() <= MOST) {
      return List.copyOf(problems);
    }
    List<Problem> first = new ArrayList<>(problems.subList(0, MOST));
    first.add(new Problem("", "and " + (problems.size() - MOST) + " more problems"));
    return List.copyOf(first);
  }

  /** Every problem, in the order of the document; the first fifty, where there are more. */
  public List<Problem> problems() {
    return problems;
  }
}
