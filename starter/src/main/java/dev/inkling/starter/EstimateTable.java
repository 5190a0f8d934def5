package dev.inkling.starter;

import dev.inkling.artifact.Store;
import dev.inkling.estimate.Estimate;
import dev.inkling.estimate.Estimates;
import dev.inkling.model.hosted.Prices;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.spec.HostedModel;
import dev.inkling.worker.Home;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What {@code run --estimate} prints. */
final class EstimateTable {
  private static final String ROW = "%-45s %9s %14s %14s %12s%n";

  private EstimateTable() {}

  static void print(Home home, Plan plan) throws IOException {
    Store store = home.store();
    Prices prices = home.languageModels().prices();
    List<Estimate> estimates =
        Estimates.of(plan, stage -> store.published(stage.key()).isPresent(), prices);
    if (estimates.isEmpty()) {
      System.out.println("No stage of " + plan.id() + " asks a language model: it costs nothing.");
      return;
    }
    System.out.printf(ROW, "stage", "calls", "tokens in", "tokens out", "US dollars");
    System.out.printf(ROW, "", "", "(about)", "(at most)", "(at most)");
    Estimate sum = null;
    for (Estimate e : estimates) {
      System.out.printf(ROW, cells((inBatches(e.stage()) ? "* " : "") + e.stage().summary(), e));
      Estimate counted = e.there() ? new Estimate(e.stage(), false, 0, 0, 0, Optional.of(0.0)) : e;
      sum = sum == null ? counted : sum.plus(counted);
    }
    System.out.printf(ROW, cells("together", sum));
    if (estimates.stream().anyMatch(e -> inBatches(e.stage()))) {
      System.out.println(
          "* in batches, at their lower price; answers may take a day, and what a batch does not"
              + " answer is asked directly at the full price.");
    }
    System.out.println(
        "Prices of "
            + prices.asOf()
            + ". Answers are seldom as long as they may be. Nobody was asked.");
  }

  private static boolean inBatches(Stage stage) {
    return stage.models().values().stream()
        .anyMatch(model -> model instanceof HostedModel hosted && hosted.batch());
  }

  private static Object[] cells(String name, Estimate e) {
    String label = name.length() <= 45 ? name : name.substring(0, 44) + "…";
    if (e.there()) {
      return new Object[] {label, "done", "", "", "0.00"};
    }
    return new Object[] {
      label,
      number(e.calls()),
      number(e.inputTokens()),
      number(e.outputTokens()),
      e.usd().map(u -> String.format(Locale.ROOT, "%.2f", u)).orElse("no price")
    };
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
