package dev.inkling.prompt;

import dev.inkling.spec.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** A bank that no prompt can be drawn from; it carries every problem at once. */
public final class InvalidBankException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** More are of no use to a reader. */
  private static final int MOST = 50;

  @SuppressWarnings("serial") // an immutable list of records; never serialised
  private final List<Problem> problems;

  /**
   * Each line of the message names the bank.
   *
   * @param source the bank's file
   */
  InvalidBankException(String source, List<Problem> problems) {
    super(message(source, problems));
    this.problems = List.copyOf(problems);
  }

  private static String message(String source, List<Problem> problems) {
    String message =
        problems.stream()
            .limit(MOST)
            .map(problem -> new Problem(source, problem.toString()).toString())
            .collect(Collectors.joining("\n"));
    return problems.size() <= MOST
        ? message
        : message + "\nand " + (problems.size() - MOST) + " more problems";
  }

  /** Every problem, in the order of the file; its path is the key and the number of the entry. */
  public List<Problem> problems() {
    return problems;
  }
}
