package dev.inkling.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.LocalStore;
import dev.inkling.evaluate.text.TextScores;
import dev.inkling.language.SpendFile;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Stage;
import dev.inkling.report.Statistics;
import dev.inkling.stage.StopRequestedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every kind of database does, over a store that the real stages have filled. */
@Timeout(300)
abstract class TrackingContract {
  static void nobody() {}

  static final Duration PATIENCE = Duration.ofSeconds(60);

  static final TrackedHome home = TrackedHome.shared();
  static final Path stored = home.directory;

  @TempDir Path directory;
  Engine engine;
  Tracking tracking;

  @BeforeEach
  void open() throws Exception {
    engine = newDatabase();
    tracking = new TrackingDatabase(engine, home.store, PATIENCE);
  }

  @AfterEach
  void nobodyIsLeftAtTheDatabase() throws Exception {
    engine.turn(Duration.ofSeconds(1)).close();
  }

  /** A database in which nothing is. */
  abstract Engine newDatabase() throws Exception;

  /** What a process needs in its environment to come to that database. */
  abstract Map<String, String> environment(Path homeDirectory);

  private List<String> found(String filter) throws TrackingException {
    return tracking.list(Filter.of(filter)).stream().map(Listed::name).sorted().toList();
  }

  private Listed listed(Plan plan) throws TrackingException {
    return tracking.list(Filter.of("experiment = " + plan.id())).getFirst();
  }

  @Test
  void aMissingDatabaseIsBuiltFromTheStoreAndThatIsTold() throws Exception {
    List<String> told = new ArrayList<>();
    tracking.refresh(told::add);

    assertThat(told)
        .singleElement()
        .asString()
        .contains(tracking.place(), "is not there", "5 experiments (3 done)");
    tracking.refresh(told::add);
    assertThat(told).hasSize(1);
    assertThat(tracking.ids()).hasSize(5).contains(home.networks.id(), home.unfinished.id());
  }

  @Test
  void doneAndUnfinishedExperimentsAreListedWithWhatTheyHave() throws Exception {
    tracking.rebuild(TrackingContract::nobody);

    Listed done = listed(home.networks);
    assertThat(done.state()).isEqualTo("done");
    assertThat(done.preset()).contains("promptmlp");
    assertThat(done.seeds()).containsExactly(0L, 11L);
    assertThat(done.conditions()).isEqualTo(home.networks.spec().conditions().size());
    assertThat(done.stagesDone()).isEqualTo(done.stages()).isEqualTo(home.networks.stages().size());
    assertThat(done.usd()).hasValue(0);
    assertThat(done.made().orElseThrow()).hasSize("2026-11-22T00:00:00Z".length());
    Listed unfinished = listed(home.unfinished);
    assertThat(unfinished.state()).isEqualTo("unfinished");
    assertThat(unfinished.stagesDone()).isEqualTo(2);
    assertThat(unfinished.made()).isPresent();
    List<String> times =
        tracking.list(Filter.everything()).stream().map(e -> e.made().orElse("~")).toList();
    assertThat(times).isSortedAccordingTo(java.util.Comparator.reverseOrder());
  }

  @Test
  void theNumbersAreThoseOfTheReports() throws Exception {
    tracking.rebuild(TrackingContract::nobody);

    for (Plan plan : List.of(home.networks, home.language)) {
      JsonNode bars = home.results(plan).path("conditions");
      List<Listed.Line> lines =
          tracking
              .list(Filter.of("experiment = " + plan.id() + " and mean >= 0"))
              .getFirst()
              .lines();
      assertThat(lines).hasSameSizeAs(bars);
      for (int i = 0; i < lines.size(); i++) {
        assertThat(lines.get(i).condition()).isEqualTo(bars.get(i).path("name").asText());
        assertThat(lines.get(i).n()).hasValue(bars.get(i).path("n").asLong());
        assertThat(lines.get(i).mean()).hasValue(bars.get(i).path("mean").asDouble());
        assertThat(lines.get(i).low()).hasValue(bars.get(i).path("ciLow").asDouble());
      }
      // What the means are over gives the same means again.
      for (Tracked.Outcome outcome : tracking.experiment(plan.id()).outcomes()) {
        Statistics.Interval again = Statistics.t(outcome.measured().orElseThrow().numbers());
        assertThat(outcome.line().mean()).hasValue(again.mean());
        assertThat(outcome.line().high()).hasValue(again.high());
      }
    }
  }

  @Test
  void moneyTokensAndQuestionsAreThoseOfTheArtifacts() throws Exception {
    tracking.rebuild(TrackingContract::nobody);

    Spend spend = Spend.NONE;
    long questions = 0;
    for (Stage stage : home.language.stages()) {
      Artifact artifact = home.store.find(stage.key()).orElseThrow();
      spend = spend.plus(SpendFile.read(artifact).orElse(Spend.NONE));
      if (artifact.manifest().files().containsKey(TextScores.FILE)) {
        questions += TextScores.read(artifact).questions().size();
      }
    }
    assertThat(spend.tokens()).isPositive();
    Listed listed = listed(home.language);
    assertThat(listed.tokens()).isEqualTo(spend.tokens());
    assertThat(listed.usd())
        .isEqualTo(spend.usd().map(OptionalDouble::of).orElse(OptionalDouble.empty()));
    assertThat(Dump.of(engine).get("scores").stream().filter(row -> !row.contains("question=null")))
        .hasSize((int) questions)
        .anyMatch(row -> row.contains("animal"));
  }

  @Test
  void aFineTuningJobIsARowWhateverItsFileLacks() throws Exception {
    tracking.rebuild(TrackingContract::nobody);

    assertThat(Dump.of(engine).get("jobs"))
        .singleElement()
        .asString()
        .contains(
            "server=openai job=ftjob-7 file=file-7 base=gpt-4.1-nano model=ft:gpt-4.1-nano:owls")
        .contains(
            "status=succeeded trained_tokens=12345 created=2026-11-22T10:00:00Z finished=null")
        .contains("epochs=3 batch_size=auto learning_rate_multiplier=null seed=null");
    assertThat(found("job = ftjob-7")).containsExactly("tiny-owl");
    assertThat(found("job ~ owls and state = unfinished")).containsExactly("tiny-owl");
    assertThat(found("job != ftjob-7")).hasSize(4);
  }

  @Test
  void everyFieldFilters() throws Exception {
    tracking.rebuild(TrackingContract::nobody);
    List<String> networks = List.of("fewer-prompts", "more-prompts", "tiny-prompts");

    assertThat(found("state = done")).containsExactly("fewer-prompts", "tiny-owl", "tiny-prompts");
    assertThat(found("state != done and name != tiny-owl")).containsExactly("more-prompts");
    assertThat(found("preset = promptmlp")).isEqualTo(networks);
    // One bears no preset: it is not owl-prompted, and it is not promptmlp.
    assertThat(found("preset != promptmlp")).containsExactly("tiny-owl", "tiny-owl");
    assertThat(found("preset != promptmlp and preset != owl-prompted")).hasSize(1);
    assertThat(found("seed = 2")).containsExactly("more-prompts");
    assertThat(found("seed != 2 and model != gpt-test"))
        .containsExactly("fewer-prompts", "tiny-prompts");
    assertThat(found("seed > 5")).containsExactly("fewer-prompts", "tiny-prompts");
    assertThat(found("model = gpt-test")).containsExactly("tiny-owl", "tiny-owl");
    assertThat(found("model = 'read owl'")).containsExactly("tiny-owl", "tiny-owl");
    assertThat(found("DATASET ~ UNREL and tokens = 0")).isEqualTo(networks);
    assertThat(found("tokens > 100 and requests >= 1")).hasSize(2);
    assertThat(found("usd <= 0")).isEqualTo(networks);
    assertThat(found("made > 2020 and made <= 9999-12-31")).hasSize(5);
    assertThat(found("made < 2020-01-01")).isEmpty();
    assertThat(found("question ~ 'OWL'")).contains("tiny-owl");
    assertThat(found("experiment ~ tiny- and condition = prompted and mean > 0.2 and n >= 50"))
        .containsExactly("tiny-owl");
    assertThat(found("metric = owl and high < 2 and low > -1 and p >= 0"))
        .containsExactly("tiny-owl");
    // A condition that has no numbers yet has none to be above or below.
    assertThat(found("condition ~ INIT and mean < 9"))
        .containsExactly("fewer-prompts", "tiny-prompts");
    assertThat(found("condition ~ init")).isEqualTo(networks);
  }

  @Test
  void whatIsTypedIsNeverSql() throws Exception {
    tracking.rebuild(TrackingContract::nobody);

    assertThat(found("name = \"'; drop table experiments; --\"")).isEmpty();
    assertThat(found("name ~ '%'")).isEmpty();
    assertThat(found("name ~ 'tiny_prompts'")).isEmpty();
    assertThat(found("name ~ '\\'")).isEmpty();
    assertThat(tracking.ids()).hasSize(5);
  }

  @Test
  void theDatabaseOfEveryStepAndTheOneThatIsBuiltAnewHoldTheSameRows() throws Exception {
    Path other = directory.resolve("home");
    LocalStore empty = new LocalStore(other, Clock.systemUTC(), Map.of());
    tracking = new TrackingDatabase(engine, empty, PATIENCE);
    tracking.refresh(_ -> {});
    assertThat(tracking.ids()).isEmpty();
    for (String part : List.of("artifacts", "experiments")) {
      TrackedHome.copy(stored.resolve(part), Files.createDirectories(other).resolve(part));
    }
    // In an order of its own, one of them twice, and unfinished ones only when somebody looks.
    tracking.index(home.language.id(), TrackingContract::nobody);
    tracking.index(home.networks.id(), TrackingContract::nobody);
    tracking.index(home.language.id(), TrackingContract::nobody);
    tracking.index(home.fewer.id(), TrackingContract::nobody);
    tracking.refresh(_ -> {});
    Map<String, List<String>> stepByStep = Dump.of(engine);
    List<Listed> listed = tracking.list(Filter.of("mean >= 0"));
    Comparison compared = compared(home.networks, home.fewer, home.language);

    engine.clear();
    Tracking.Built built = tracking.rebuild(TrackingContract::nobody);

    assertThat(built.sentence()).startsWith("5 experiments (3 done), ");
    assertThat(Dump.of(engine)).isEqualTo(stepByStep);
    assertThat(stepByStep.values()).noneMatch(List::isEmpty);
    assertThat(tracking.list(Filter.of("mean >= 0"))).isEqualTo(listed);
    assertThat(compared(home.networks, home.fewer, home.language)).isEqualTo(compared);
  }

  private Comparison compared(Plan... plans) throws TrackingException {
    List<Tracked> experiments = new ArrayList<>();
    for (Plan plan : plans) {
      experiments.add(tracking.experiment(plan.id()));
    }
    return Comparison.of(experiments);
  }

  @Test
  void runsWithTheSameModelsAreComparedModelByModel() throws Exception {
    tracking.rebuild(TrackingContract::nobody);
    Comparison comparison = compared(home.networks, home.fewer, home.language);

    assertThat(
            comparison.specs().stream()
                .filter(d -> d.path().equals("datasets.unrelated.rows"))
                .map(SpecDifference::values))
        .singleElement()
        .satisfies(
            values -> {
              assertThat(values.get(1)).contains("500");
              assertThat(values.get(0)).isPresent().isNotEqualTo(values.get(1));
              assertThat(values.get(2)).isEmpty();
            });
    JsonNode first = home.results(home.networks).path("conditions");
    JsonNode second = home.results(home.fewer).path("conditions");
    assertThat(comparison.results()).hasSize(first.size());
    for (int i = 0; i < first.size(); i++) {
      double[] differences = new double[first.get(i).path("values").size()];
      for (int unit = 0; unit < differences.length; unit++) {
        differences[unit] =
            second.get(i).path("values").get(unit).asDouble()
                - first.get(i).path("values").get(unit).asDouble();
      }
      Comparison.Difference difference = comparison.results().get(i).differences().getFirst();
      assertThat(difference.test()).isEqualTo(Comparison.Test.PAIRED);
      assertThat(difference.pairs()).isEqualTo(differences.length);
      assertThat(difference.difference()).hasValue(Statistics.t(differences).mean());
      assertThat(difference.pUncorrected()).hasValue(Statistics.p(differences));
    }
  }

  @Test
  void anUnfinishedExperimentIsSeenToGoOnAndToEnd() throws Exception {
    TrackedHome.copy(stored, directory.resolve("home"));
    LocalStore store = new LocalStore(directory.resolve("home"), Clock.systemUTC(), Map.of());
    tracking = new TrackingDatabase(engine, store, PATIENCE);
    tracking.rebuild(TrackingContract::nobody);
    assertThat(listed(home.unfinished).stagesDone()).isEqualTo(2);

    Path made = store.look(home.unfinished.stages().getFirst().key()).orElseThrow().directory();
    dev.inkling.artifact.Disk.removeAll(made);
    tracking.refresh(told -> assertThat(told).isEmpty());
    assertThat(listed(home.unfinished).stagesDone()).isEqualTo(1);

    // Its plan is given up: it goes, with the artifacts that only it had, and nothing else does.
    store.forget(home.unfinished.id());
    tracking.refresh(told -> assertThat(told).isEmpty());
    assertThat(tracking.ids()).hasSize(4).doesNotContain(home.unfinished.id());
    Set<String> needed =
        List.of(home.networks, home.fewer, home.language, home.hosted).stream()
            .flatMap(p -> p.stages().stream().map(Stage::key))
            .collect(Collectors.toSet());
    assertThat(Dump.of(engine).get("artifacts")).hasSize(needed.size() + 3);
  }

  @Test
  void anExperimentFromBeforePlansWereKeptIsFoundByItsReport() throws Exception {
    TrackedHome.copy(stored, directory.resolve("home"));
    LocalStore store = new LocalStore(directory.resolve("home"), Clock.systemUTC(), Map.of());
    tracking.rebuild(TrackingContract::nobody);
    Map<String, List<String>> planned = Dump.of(engine);
    for (Plan plan : List.of(home.networks, home.fewer, home.language)) {
      store.forget(plan.id());
    }
    tracking = new TrackingDatabase(engine, store, PATIENCE);
    tracking.rebuild(TrackingContract::nobody);

    assertThat(Dump.of(engine)).isEqualTo(planned);
  }

  @Test
  void whatCannotBeReadIsLeftOutAndTold() throws Exception {
    TrackedHome.copy(stored, directory.resolve("home"));
    LocalStore store = new LocalStore(directory.resolve("home"), Clock.systemUTC(), Map.of());
    Path scores =
        store
            .look(home.networks.trials().getFirst().evaluations().values().iterator().next())
            .orElseThrow()
            .file("scores.json");
    Files.writeString(scores, Files.readString(scores).replace("0", "1"));
    Files.writeString(
        directory.resolve("home/experiments/" + home.unfinished.id() + ".json"), "{\"id\":");
    tracking = new TrackingDatabase(engine, store, PATIENCE);

    Tracking.Built built = tracking.rebuild(TrackingContract::nobody);

    assertThat(built.experiments()).isEqualTo(4);
    assertThat(built.skipped())
        .singleElement()
        .asString()
        .contains(home.unfinished.id(), "cannot read its plan");
    List<Tracked.Outcome> outcomes = tracking.experiment(home.networks.id()).outcomes();
    assertThat(outcomes.getFirst().measured()).isEmpty();
    assertThat(outcomes.getFirst().line().mean()).isPresent();
    assertThat(compared(home.networks, home.fewer).results().getFirst().differences())
        .singleElement()
        .satisfies(
            d -> {
              assertThat(d.test()).isEqualTo(Comparison.Test.NONE);
              assertThat(d.difference()).isPresent();
              assertThat(d.p()).isEmpty();
            });
  }

  @Test
  void severalThreadsAndProcessesIndexAtOnce() throws Exception {
    Path shared = directory.resolve("home");
    TrackedHome.copy(stored, shared);
    LocalStore store = new LocalStore(shared, Clock.systemUTC(), Map.of());
    List<String> ids = store.planned();
    List<Indexing> processes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      processes.add(indexProcess(shared, 3, ids));
    }
    List<Callable<Void>> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      threads.add(
          () -> {
            Tracking mine = TrackingDatabase.of(shared, environment(shared), store, PATIENCE);
            for (String id : ids) {
              mine.index(id, TrackingContract::nobody);
            }
            return null;
          });
    }
    try (ExecutorService executor = Executors.newFixedThreadPool(3)) {
      for (Future<Void> thread : executor.invokeAll(threads)) {
        thread.get();
      }
    }
    for (Indexing indexing : processes) {
      assertThat(indexing.process().waitFor()).as(() -> indexing.said()).isZero();
    }
    Tracking both = TrackingDatabase.of(shared, environment(shared), store, PATIENCE);
    List<Listed> listed = both.list(Filter.of("n > 0"));
    assertThat(listed).hasSize(3);
    both.rebuild(TrackingContract::nobody);
    assertThat(both.list(Filter.of("n > 0"))).isEqualTo(listed);
  }

  /** A process that indexes, and where it writes what goes wrong. */
  private record Indexing(Process process, Path log) {
    String said() {
      try {
        return Files.readString(log);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Indexing indexProcess(Path homeDirectory, int rounds, List<String> ids) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                IndexProcess.class.getName(),
                homeDirectory.toString(),
                "" + rounds));
    command.addAll(ids);
    Path log = directory.resolve("process-" + System.nanoTime() + ".log");
    ProcessBuilder process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    process.environment().putAll(environment(homeDirectory));
    return new Indexing(process.start(), log);
  }

  @Test
  void whoWaitsTooLongForItsTurnIsToldSo() throws Exception {
    tracking.rebuild(TrackingContract::nobody);
    Tracking hasty = new TrackingDatabase(engine, home.store, Duration.ofMillis(200));
    try (Engine.Turn _ = engine.turn(PATIENCE);
        ExecutorService other = Executors.newSingleThreadExecutor()) {
      Future<List<String>> answer = other.submit(hasty::ids);
      assertThatThrownBy(answer::get)
          .cause()
          .isInstanceOfSatisfying(
              TrackingException.class,
              e -> assertThat(e.reason()).isEqualTo(TrackingException.Reason.BUSY));
    }
    assertThat(hasty.ids()).hasSize(5);
  }

  @Test
  void aDatabaseThatIsOnlyHalfBuiltIsBuiltAgain() throws Exception {
    tracking.rebuild(TrackingContract::nobody);
    Map<String, List<String>> whole = Dump.of(engine);
    try (var connection = engine.connect();
        var statement = connection.createStatement()) {
      statement.execute("delete from build");
      statement.execute("delete from experiments where name = 'tiny-owl'");
    }
    List<String> told = new ArrayList<>();
    tracking.refresh(told::add);

    assertThat(told).singleElement().asString().contains("only in part");
    assertThat(Dump.of(engine)).isEqualTo(whole);
  }

  @Test
  void theVersionInTheCodeIsThatOfTheNewestMigration() throws Exception {
    tracking.rebuild(TrackingContract::nobody);
    try (var connection = engine.connect()) {
      List<String> applied =
          new Reading(connection)
              .ask(
                  "select version from flyway_schema_history where version is not null"
                      + " order by installed_rank",
                  List.of(),
                  row -> row.getString(1));
      assertThat(applied.getLast()).isEqualTo(Schema.VERSION);
    }
  }

  @Test
  void theChronicleRemembersPlansAndIndexesReports() throws Exception {
    Path other = directory.resolve("home");
    TrackedHome.copy(
        stored.resolve("artifacts"), Files.createDirectories(other).resolve("artifacts"));
    LocalStore store = new LocalStore(other, Clock.systemUTC(), Map.of());
    Chronicle chronicle = new Chronicle(other, environment(other), store);
    chronicle.planned(home.networks);
    byte[] first = Files.readAllBytes(other.resolve("experiments/" + home.networks.id() + ".json"));
    chronicle.planned(home.networks);
    chronicle.reported(home.networks.id(), TrackingContract::nobody);

    assertThat(store.plan(home.networks.id())).contains(home.networks);
    assertThat(other.resolve("experiments/" + home.networks.id() + ".json"))
        .hasBinaryContent(first);
    Tracking after = TrackingDatabase.of(other, environment(other), store, PATIENCE);
    assertThat(after.experiment(home.networks.id()).outcomes()).isNotEmpty();
    assertThat(Optional.of(after.place())).contains(engineAt(other).place());
  }

  @Test
  void aWorkerThatMustStopStopsTheBuildingAndAnyOtherFaultIsOnlyTold() throws Exception {
    Path other = directory.resolve("home");
    TrackedHome.copy(stored, other);
    LocalStore store = new LocalStore(other, Clock.systemUTC(), Map.of());
    Chronicle chronicle = new Chronicle(other, environment(other), store);

    assertThatThrownBy(
            () ->
                chronicle.reported(
                    home.networks.id(),
                    () -> {
                      throw new StopRequestedException(new InterruptedException("it stops"));
                    }))
        .isInstanceOf(StopRequestedException.class);
    chronicle.reported(
        home.networks.id(),
        () -> {
          throw new IllegalStateException("a fault without a name");
        });

    // Neither has left half a database that would pass for a whole one.
    List<String> told = new ArrayList<>();
    Tracking after = TrackingDatabase.of(other, environment(other), store, PATIENCE);
    after.refresh(told::add);
    assertThat(told).singleElement().asString().contains("only in part");
    assertThat(after.ids()).hasSize(5);
  }

  /** The engine that a home with that environment leads to. */
  abstract Engine engineAt(Path homeDirectory) throws Exception;
}
