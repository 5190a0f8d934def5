package dev.inkling.starter;

import dev.inkling.spec.Budget;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code inkling budget}: another budget for a running or parked experiment. */
@Command(
    name = "budget",
    description = "Set what a running experiment may cost in all; one that has parked goes on.",
    mixinStandardHelpOptions = true)
final class BudgetCommand extends PauseCommand {
  @Option(names = "--usd", paramLabel = "N", description = "US dollars, in all.")
  private Optional<Double> usd = Optional.empty();

  @Option(names = "--tokens", paramLabel = "N", description = "Tokens, in all.")
  private Optional<Long> tokens = Optional.empty();

  @Override
  String update() {
    return "budget";
  }

  @Override
  Object[] arguments() {
    if (usd.filter(u -> u < 0).isPresent() || tokens.filter(t -> t < 0).isPresent()) {
      throw new IllegalArgumentException("a budget is at least 0");
    }
    if (usd.isEmpty() && tokens.isEmpty()) {
      throw new IllegalArgumentException("give --usd, --tokens or both, for example --usd 20");
    }
    return new Object[] {new Budget(usd, tokens)};
  }

  @Override
  String done(String id) {
    return id + " may spend that now. Follow it with: inkling watch " + id;
  }
}
