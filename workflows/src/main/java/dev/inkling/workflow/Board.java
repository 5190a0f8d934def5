package dev.inkling.workflow;

import dev.inkling.plan.Plan;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Trial;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the workflow shows of itself: the query's answer, the Markdown page in the Temporal UI, the
 * search attributes.
 */
final class Board {
  /** More rows nobody reads; and the page is made anew at every change of a stage. */
  private static final int ROWS = 60;

  /** A memo travels with every look at the workflow; a larger spec stands in its input only. */
  private static final int MEMO_CONDITIONS = 50;

  private @Nullable Plan plan;
  private String state = "Planning";
  private Spend spend = Spend.NONE;
  private List<String> warnings = List.of();
  private String machine = "";
  private final Map<String, Progress.StageProgress> stages = new LinkedHashMap<>();

  /** The plan is there: every stage waits. */
  void planned(Plan plan) {
    this.plan = plan;
    for (Stage stage : plan.stages()) {
      put(stage, Progress.State.WAITING, "");
    }
    Workflow.upsertTypedSearchAttributes(
        Attributes.EXPERIMENT.valueSet(plan.spec().name()),
        Attributes.PRESET.valueSet(plan.preset().orElse("none")));
    Map<String, Object> memo = new LinkedHashMap<>();
    memo.put("question", plan.spec().question());
    memo.put("experiment", plan.id());
    if (plan.spec().conditions().size() <= MEMO_CONDITIONS) {
      memo.put("spec", plan.spec());
    }
    Workflow.upsertMemo(memo);
  }

  /** The experiment as a whole changed its state. */
  void state(String state) {
    this.state = state;
    Workflow.upsertTypedSearchAttributes(Attributes.STATE.valueSet(state));
    show();
  }

  /** What people should know before the first stage. */
  void warnings(List<String> warnings) {
    this.warnings = List.copyOf(warnings);
  }

  /** How the machine stands that was made for the experiment. */
  void machine(String words) {
    machine = words;
    show();
  }

  /** What was spent so far; seen at the next change. */
  void spent(Spend spend) {
    this.spend = spend;
  }

  /** A stage changed its state. */
  void stage(Stage stage, Progress.State state, String summary) {
    put(stage, state, summary);
    show();
  }

  private void put(Stage stage, Progress.State state, String summary) {
    stages.put(
        stage.key(),
        new Progress.StageProgress(
            stage.key(), stage.task().activity(), stage.name(), state, summary));
  }

  Progress progress() {
    return new Progress(plan == null ? "" : plan.id(), state, new ArrayList<>(stages.values()));
  }

  int count(Progress.State state) {
    return (int) stages.values().stream().filter(s -> s.state() == state).count();
  }

  private void show() {
    Workflow.setCurrentDetails(markdown());
  }

  /** Stages in the order of the protocol, then the conditions and what their evaluations said. */
  String markdown() {
    Plan plan = this.plan;
    if (plan == null) {
      return "**" + state + "**";
    }
    List<String> lines = new ArrayList<>();
    lines.add("## " + plan.spec().name() + " — " + state);
    lines.add("");
    lines.add(plan.spec().question());
    lines.add("");
    if (plan.asksModels()) {
      warnings.forEach(warning -> lines.add("**" + warning + "**"));
      lines.add("Spent: " + spend.sentence());
      lines.add("");
    }
    if (!machine.isEmpty()) {
      lines.add("Computes on " + machine);
      lines.add("");
    }
    lines.add("| stage | of | state | result |");
    lines.add("|---|---|---|---|");
    for (Progress.StageProgress s : shown()) {
      lines.add(row(s.activity(), s.name(), s.state().word(), s.summary()));
    }
    if (stages.size() > ROWS) {
      long finished = stages.values().stream().filter(s -> s.state().finished()).count();
      lines.add(row("…", stages.size() + " stages", finished + " finished", ""));
    }
    lines.add("");
    lines.add("| condition | state | result |");
    lines.add("|---|---|---|");
    for (Trial trial : plan.trials().subList(0, Math.min(ROWS, plan.trials().size()))) {
      lines.add(row(trial.label(), trialState(trial), String.join("; ", outcomes(trial))));
    }
    if (plan.trials().size() > ROWS) {
      lines.add(row("…", plan.trials().size() + " conditions", "all of them: query progress"));
    }
    return String.join("\n", lines);
  }

  /** All stages, or where they are many those that run or failed. */
  private List<Progress.StageProgress> shown() {
    return stages.size() <= ROWS
        ? List.copyOf(stages.values())
        : stages.values().stream()
            .filter(s -> s.state() == Progress.State.RUNNING || s.state() == Progress.State.FAILED)
            .limit(ROWS)
            .toList();
  }

  private List<String> outcomes(Trial trial) {
    return trial.evaluations().values().stream()
        .map(stages::get)
        .flatMap(s -> Optional.ofNullable(s).stream())
        .map(Progress.StageProgress::summary)
        .filter(s -> !s.isEmpty())
        .toList();
  }

  private String trialState(Trial trial) {
    List<Progress.State> states = new ArrayList<>();
    trial.finetune().map(stages::get).ifPresent(s -> states.add(s.state()));
    trial
        .evaluations()
        .values()
        .forEach(k -> Optional.ofNullable(stages.get(k)).ifPresent(s -> states.add(s.state())));
    if (states.stream().allMatch(Progress.State::finished)) {
      return "done";
    }
    if (states.contains(Progress.State.FAILED)) {
      return "failed";
    }
    return states.contains(Progress.State.RUNNING)
            || states.stream().anyMatch(Progress.State::finished)
        ? "running"
        : "waiting";
  }

  /** The Temporal UI draws no lines and leaves no room between cells, hence the hard spaces. */
  static String row(String... cells) {
    return Arrays.stream(cells)
        .map(cell -> cell.replace("|", "\\|") + "\u00a0\u00a0\u00a0")
        .collect(Collectors.joining(" | ", "| ", " |"));
  }
}
