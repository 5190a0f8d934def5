package dev.inkling.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import dev.inkling.crash.CrashPoint;
import dev.inkling.evaluate.Scores;
import dev.inkling.evaluate.text.TextScores;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Trial;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.Waiting;
import dev.inkling.workflow.ExperimentResult;
import dev.inkling.workflow.MachineUse;
import dev.inkling.workflow.ReportResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes an experiment's report from its artifacts; the report is an artifact too. */
public final class Report {
  /** The page. */
  public static final String PAGE = "report.html";

  /** The numbers. */
  public static final String RESULTS = "results.json";

  /** What machines have taken, where any were made for the experiment. */
  public static final String MACHINES = "machines.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Store store;
  private final Map<String, String> versions;
  private final Optional<MachineUse> machines;

  /**
   * Reports over a store.
   *
   * @param versions what it was made with
   */
  public Report(Store store, Map<String, String> versions) {
    this(store, versions, Optional.empty());
  }

  private Report(Store store, Map<String, String> versions, Optional<MachineUse> machines) {
    this.store = store;
    this.versions = Map.copyOf(versions);
    this.machines = machines;
  }

  /**
   * The same, telling of the machines too: on the page, beside the stages' timings, and in a file
   * of their own. Not in the numbers, which are the same whatever was lost on the way to them.
   */
  public Report telling(Optional<MachineUse> machines) {
    return new Report(store, versions, machines);
  }

  /** The report of a plan whose stages are done: the one that is there, or a new one. */
  public ReportResult make(Plan plan, String owner, Monitor monitor)
      throws IOException, InterruptedException {
    Store told = store.telling(() -> monitor.progress(0, 0, "", Optional.empty()));
    return new Report(told, versions, machines).found(plan, owner, monitor);
  }

  private ReportResult found(Plan plan, String owner, Monitor monitor)
      throws IOException, InterruptedException {
    Optional<ReportResult> there = existing(plan);
    if (there.isPresent()) {
      return there.get();
    }
    try (Store.Work work = Waiting.claim(store, plan.reportKey(), owner, monitor)) {
      there = existing(plan);
      if (there.isPresent()) {
        return there.get();
      }
      long started = System.nanoTime();
      try {
        write(plan, work.output(), monitor);
      } catch (IOException e) {
        // An attempt that was replaced finds its directory gone, which is no fault of the store.
        work.renew();
        throw e;
      }
      CrashPoint.REPORT_WRITTEN.reached();
      JsonNode identity =
          Keys.tree(Map.of("stage", "Report", "experiment", plan.id(), "spec", plan.spec()));
      double seconds = (System.nanoTime() - started) / 1e9;
      work.publish(identity, plan.spec().name(), "report of " + plan.id(), seconds);
    }
    return existing(plan)
        .map(r -> new ReportResult(r.key(), false, r.directory(), r.conditions()))
        .orElseThrow(
            () ->
                new IOException("the report of " + plan.id() + " vanished while it was published"));
  }

  /** The report that is there already. */
  public Optional<ReportResult> existing(Plan plan) throws IOException {
    Optional<Artifact> artifact = store.find(plan.reportKey());
    if (artifact.isEmpty()) {
      return Optional.empty();
    }
    JsonNode results = JSON.readTree(Files.readAllBytes(artifact.get().file(RESULTS)));
    List<ExperimentResult.ConditionResult> conditions =
        results.path("conditions").valueStream().map(Report::condition).toList();
    return Optional.of(
        new ReportResult(
            plan.reportKey(), true, artifact.get().directory().toString(), conditions));
  }

  private static ExperimentResult.ConditionResult condition(JsonNode c) {
    // Temporal's JSON has no word for what is not a number; an interval that is missing becomes the
    // mean itself.
    double mean = c.path("mean").asDouble();
    return new ExperimentResult.ConditionResult(
        c.path("name").asText(),
        c.path("metric").asText(),
        c.path("n").asInt(),
        mean,
        c.path("ciLow").asDouble(mean),
        c.path("ciHigh").asDouble(mean));
  }

  private void write(Plan plan, Path output, Monitor monitor) throws IOException {
    Map<String, Manifest> manifests = new HashMap<>();
    Curves curves = new Curves();
    int read = 0;
    for (Stage stage : plan.stages()) {
      // Every artifact is read as a whole here, which may take longer than a heartbeat may fail.
      monitor.progress(read++, plan.stages().size(), "artifacts", Optional.empty());
      store.published(stage.key()).ifPresent(m -> manifests.put(stage.key(), m));
    }
    for (Trial trial : plan.trials()) {
      monitor.progress(read, plan.stages().size(), "artifacts", Optional.empty());
      if (trial.finetune().isPresent()) {
        curves.read(trial.label(), artifact(trial.finetune().get()));
      }
    }
    Results results = Results.of(plan, measured(plan));
    Optional<Words> words =
        plan.spec().ofLanguage()
            ? Optional.of(Words.of(plan, this::artifact, monitor))
            : Optional.empty();
    Files.write(
        output.resolve(RESULTS),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(results.json(versions)));
    Files.writeString(output.resolve("results.csv"), results.csv());
    if (machines.isPresent()) {
      Files.write(
          output.resolve(MACHINES),
          JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(told(machines.get())));
    }
    Files.write(
        output.resolve(PAGE),
        Page.of(
                results,
                Drawings.of(results, curves, words, output.resolve("figures"), monitor),
                manifests,
                words,
                machines)
            .getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode told(MachineUse machines) {
    return ((ObjectNode) Keys.tree(machines)).put("sentence", machines.sentence());
  }

  /** What every condition came to under every metric. */
  private Map<String, Map<String, Measured>> measured(Plan plan) throws IOException {
    Map<String, Map<String, Measured>> measured = new LinkedHashMap<>();
    for (String condition : plan.spec().conditions().keySet()) {
      List<Trial> trials =
          plan.trials().stream().filter(t -> t.condition().equals(condition)).toList();
      Map<String, Measured> metrics = new LinkedHashMap<>();
      for (String metric : plan.spec().evaluations().keySet()) {
        metrics.put(
            metric,
            plan.spec().ofLanguage() ? words(plan, trials, metric) : networks(trials, metric));
      }
      measured.put(condition, metrics);
    }
    return measured;
  }

  private Measured networks(List<Trial> trials, String metric) throws IOException {
    List<Scores> cohorts = new ArrayList<>();
    for (Trial trial : trials) {
      cohorts.add(Scores.read(artifact(trial.evaluations().get(metric))));
    }
    return Measured.of(cohorts.stream().reduce(Scores::and).orElseThrow());
  }

  private Measured words(Plan plan, List<Trial> trials, String metric) throws IOException {
    Map<Long, TextScores> seeds = new LinkedHashMap<>();
    for (Trial trial : trials) {
      String key = trial.evaluations().get(metric);
      seeds.put(plan.stage(key).seeds().getFirst(), TextScores.read(artifact(key)));
    }
    return Measured.of(seeds);
  }

  private Artifact artifact(String key) throws IOException {
    return store
        .find(key)
        .orElseThrow(() -> new IOException("artifact " + key + " is not in the store any more"));
  }
}
