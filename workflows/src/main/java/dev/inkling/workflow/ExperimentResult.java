package dev.inkling.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Spend;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The answer, small enough to read in the Temporal UI, which shows the first twenty lines: what
 * people look for comes first.
 *
 * @param page the report's file on the worker's machine
 * @param open how to see it in the browser
 * @param answers the conditions as people read them
 * @param made how many stages were done
 * @param reused how many stages had been done before
 * @param report the directory of the report, its figures and numbers on the worker's machine
 * @param spend what asking language models has cost, where any was asked
 * @param machines what was made for the experiment to compute on, where anything was
 */
public record ExperimentResult(
    String id,
    String question,
    String page,
    String open,
    List<String> answers,
    int made,
    int reused,
    String report,
    List<ConditionResult> conditions,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Spend> spend,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<MachineUse> machines) {
  /** Where {@code inkling serve} shows reports, unless told otherwise. */
  public static final int PAGES_PORT = 8234;

  public ExperimentResult {
    // Results of earlier versions have no answers.
    answers = answers == null ? List.of() : List.copyOf(answers);
    conditions = List.copyOf(conditions);
    spend = spend == null ? Optional.empty() : spend;
    machines = machines == null ? Optional.empty() : machines;
  }

  /** The result of an experiment whose report is there. */
  static ExperimentResult of(
      Plan plan,
      ReportResult report,
      int made,
      int reused,
      Spend spend,
      Optional<MachineUse> machines) {
    return new ExperimentResult(
        plan.id(),
        plan.spec().question(),
        report.directory() + "/report.html",
        "./inkling serve, then http://127.0.0.1:" + PAGES_PORT + "/experiments/" + plan.id(),
        report.conditions().stream().map(ConditionResult::sentence).toList(),
        made,
        reused,
        report.directory(),
        report.conditions(),
        plan.asksModels() ? Optional.of(spend) : Optional.empty(),
        machines);
  }

  /** A condition's mean over models and seeds, with its 95 % interval. */
  public record ConditionResult(
      String name, String metric, int n, double mean, double ciLow, double ciHigh) {
    private String sentence() {
      if (n == 0) {
        return name + ": nothing was scored in " + metric;
      }
      String numbers = String.format(Locale.ROOT, "%s: %s %.4f", name, metric, mean);
      return n < 2
          ? numbers + ", n = 1"
          : numbers + String.format(Locale.ROOT, " (%.4f to %.4f), n = %d", ciLow, ciHigh, n);
    }
  }
}
