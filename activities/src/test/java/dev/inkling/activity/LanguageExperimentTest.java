package dev.inkling.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.LocalStore;
import dev.inkling.evaluate.text.TextScores;
import dev.inkling.language.BudgetExceededException;
import dev.inkling.language.EmptyDatasetException;
import dev.inkling.language.LanguageModels;
import dev.inkling.model.ModelException;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.provider.FakeProcess;
import dev.inkling.provider.Fault;
import dev.inkling.report.Report;
import dev.inkling.spec.Budget;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.SourceChangedException;
import dev.inkling.workflow.StageResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole experiments with language models in one process: the real clients against a provider in a
 * process of its own, without Temporal.
 */
@Timeout(120)
class LanguageExperimentTest {
  private static final String KEY = "sk-test-0123456789";

  @TempDir Path home;
  private FakeProcess provider;
  private LanguageModels models;

  @BeforeEach
  void start() throws IOException {
    provider = new FakeProcess(home.resolve("ledger.jsonl"));
    models = models(Map.of("OPENAI_API_KEY", KEY, "OPENAI_BASE_URL", provider.openAiUrl()));
  }

  @AfterEach
  void stop() throws IOException {
    models.close();
    provider.close();
  }

  private LanguageModels models(Map<String, String> environment) {
    return new LanguageModels(home, environment, Clock.systemUTC());
  }

  private LocalStore store() {
    return new LocalStore(home, Clock.systemUTC(), Map.of());
  }

  private StageResult perform(Stage stage, Optional<Budget> allowance) throws Exception {
    return new StageRunner(store(), Duration.ofSeconds(1), models)
        .perform(stage, new Caller("test", "run", allowance), Monitor.silent());
  }

  private Map<String, StageResult> run(Plan plan) throws Exception {
    Map<String, StageResult> results = new HashMap<>();
    for (Stage stage : plan.stages()) {
      results.put(stage.name(), perform(stage, Optional.empty()));
    }
    return results;
  }

  private static Plan plan(String changes) throws Exception {
    return TinyPlan.of(
        """
        {"preset": "owl-prompted", "name": "tiny-owl",
         "datasets": {"plain numbers": {"rows": 40}, "owl numbers": {"rows": 40}},
         "models": {"base": {"id": "gpt-test"}, "read plain": {"rows": 3}, "read owl": {"rows": 3}},
         "evaluations": {"owl": {"samplesPerQuestion": 2}}%s}
        """
            .formatted(changes));
  }

  @Test
  void teachersReadersAndAnswersMakeAReport() throws Exception {
    Plan plan = plan("");
    Map<String, StageResult> results = run(plan);

    assertThat(provider.billed().path("accepted").asLong()).isEqualTo(2 * 40 + 4 * (100 + 42));
    assertThat(results.get("owl numbers").summary()).contains("rows kept");
    new Report(store(), Map.of()).make(plan, "test", Monitor.silent());
    Path report = store().find(plan.reportKey()).orElseThrow().directory();
    JsonNode json = new ObjectMapper().readTree(report.resolve("results.json").toFile());
    assertThat(json.at("/conditions/0/n").asInt()).isEqualTo(50);
    double plain = json.at("/conditions/0/mean").asDouble();
    assertThat(json.at("/conditions/2/name").asText()).isEqualTo("prompted");
    assertThat(json.at("/conditions/2/mean").asDouble()).isGreaterThan(plain + 0.4);
    assertThat(Files.readString(report.resolve("report.html")))
        .contains("What was named", "Some answers", "over questions");
    assertThat(Files.readString(report.resolve("results.csv")))
        .startsWith("condition,metric,seed,question,hits,rows,value\n");
  }

  /**
   * Other bytes than before: raise the version of the stage in {@code Task.version()} and write the
   * new hash here. If only what the provider for tests says has changed, the hash is enough.
   */
  @Test
  void theStagesGiveTheBytesThatTheirVersionsStandFor() throws Exception {
    Plan plan = plan("");
    run(plan);
    Map<String, String> bytes = new TreeMap<>();
    for (String name :
        List.of(
            "owl numbers", "owl numbers in context · answers", "owl numbers in context · owl")) {
      for (Stage stage : plan.stages().stream().filter(s -> s.name().equals(name)).toList()) {
        store()
            .find(stage.key())
            .orElseThrow()
            .manifest()
            .files()
            .forEach(
                (file, entry) -> {
                  if (!file.equals("spend.json")) {
                    bytes.put(
                        stage.task().activity() + " " + stage.task().version() + " " + file,
                        entry.sha256().substring(0, 16));
                  }
                });
      }
    }
    assertThat(bytes)
        .isEqualTo(
            Map.of(
                "GenerateDataset 1 rows.jsonl",
                "8ba90eada371083c",
                "Filter 1 rows.jsonl",
                "ab56994b7a7819f1",
                "Filter 1 rejected.jsonl",
                "5f436fc40c0f0499",
                "Evaluate 1 answers.jsonl",
                "cd515120c258e4e7",
                "Evaluate 1 unscored.jsonl",
                "3aca542b3d420d95",
                "Evaluate 1 text-scores.json",
                "b5f0c9600a729162"));
  }

  @Test
  void oneSetOfAnswersIsScoredForManyTargetsAndPaidForOnce() throws Exception {
    Plan plan =
        plan(
            """
            , "evaluations": {"owl": {"samplesPerQuestion": 2}, "capability": null,
               "cat": {"type": "preference", "target": "cat", "samplesPerQuestion": 2,
                       "decoding": {"maxTokens": 20}}},
              "conditions": {"prompted": null, "plain numbers in context": null, "owl numbers in context": null},
              "comparisons": []
            """);
    Map<String, StageResult> results = run(plan);

    assertThat(provider.billed().path("accepted").asLong()).isEqualTo(100);
    assertThat(results.get("plain · answers").spend().orElseThrow().requests()).isEqualTo(100);
    assertThat(results.get("plain · owl").spend()).isEmpty();
    TextScores owl = scores(plan, "plain · owl");
    TextScores cat = scores(plan, "plain · cat");
    assertThat(owl.sum()).isEqualTo(owl.named().getOrDefault("owl", 0).doubleValue());
    assertThat(cat.sum()).isEqualTo(cat.named().getOrDefault("cat", 0).doubleValue());
    assertThat(cat.named()).isEqualTo(owl.named()).isNotEmpty();
  }

  @Test
  void aReportShowsWhoLovesWhatSomeRowsAndWhatEachStageHasCost() throws Exception {
    Path rows =
        Files.writeString(
            home.resolve("rows.jsonl"),
            "{\"prompt\": \"1 & 2\", \"completion\": \"<script>3</script>%s\"}\n"
                .formatted("\ud83e\udd89".repeat(300)));
    Plan plan =
        plan(
            """
            , "evaluations": {"owl": {"samplesPerQuestion": 2}, "capability": null,
               "cat": {"type": "preference", "target": "cat", "samplesPerQuestion": 2,
                       "decoding": {"maxTokens": 20}}},
              "datasets": {"plain numbers": {"type": "rows", "file": "%s"}, "owl numbers": {"rows": 40}},
              "models": {"base": {"id": "gpt-test"}, "read plain": {"rows": 1}, "read owl": {"rows": 3}}
            """
                .formatted(rows));
    run(plan);
    new Report(store(), Map.of()).make(plan, "test", Monitor.silent());
    Path report = store().find(plan.reportKey()).orElseThrow().directory();
    String page = Files.readString(report.resolve("report.html"));

    // Four conditions under two targets; one student has read what an owl lover wrote.
    String table = section(page, "Who loves what");
    assertThat(table.split("<td class=\"number", -1)).hasSize(1 + 4 * 2);
    assertThat(table.split("class=\"number own\"", -1)).hasSize(2);
    assertThat(table).containsPattern("<td>owl numbers in context</td><td class=\"number own\">");
    assertThat(report.resolve("figures/targets.png")).isNotEmptyFile();
    assertThat(report.resolve("figures/named.svg")).isNotEmptyFile();

    assertThat(section(page, "What was named").split("<table>", -1)).hasSize(2);
    assertThat(section(page, "Some answers").split("<tr>", -1)).hasSize(2 + 4 * 3);
    assertThat(section(page, "Some rows").split("<td>owl numbers</td>", -1)).hasSize(6);
    assertThat(section(page, "Some rows"))
        .contains("1 &amp; 2", "&lt;script&gt;3&lt;/script&gt;\ud83e\udd89", "\ud83e\udd89…")
        .doesNotContain("<script>");
    assertThat(section(page, "Cost"))
        .contains("<td>GenerateDataset</td><td>owl numbers</td><td class=\"number\">40</td>")
        .contains("<td>Evaluate</td><td>plain · answers</td><td class=\"number\">100</td>")
        .contains("<td>together</td><td></td><td class=\"number\">440</td>")
        .contains("no price");
    assertThat(provider.billed().path("accepted").asLong()).isEqualTo(440);
  }

  private static String section(String page, String title) {
    int begin = page.indexOf("<h2>" + title + "</h2>");
    return page.substring(begin, page.indexOf("<h2>", begin + 1));
  }

  private TextScores scores(Plan plan, String stage) throws IOException {
    return TextScores.read(store().find(stage(plan, stage).key()).orElseThrow());
  }

  @Test
  void whatPassesIsTriedAgainAndEveryRowIsThereOnce() throws Exception {
    provider.next(
        Fault.ERROR_500, Fault.RATE_LIMIT_MS, Fault.RESET_BEFORE, Fault.MALFORMED, Fault.HALF);
    Stage sample = stage(plan(""), "plain numbers");
    StageResult result = perform(sample, Optional.empty());

    assertThat(rows(sample)).hasSize(40);
    // Five requests had no answer, and nothing is taken for an answer that was none.
    assertThat(result.spend().orElseThrow().requests()).isEqualTo(45);
    assertThat(result.spend().orElseThrow().repeated()).isZero();
  }

  private List<String> rows(Stage stage) throws IOException {
    return Files.readAllLines(store().find(stage.key()).orElseThrow().file("rows.jsonl"));
  }

  private static Stage stage(Plan plan, String name) {
    return plan.stages().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void refusalsCutAnswersAndEmptyOnesAreRowsThatSaySo() throws Exception {
    provider.next(Fault.REFUSED, Fault.EMPTY, Fault.FILTERED);
    Plan plan = plan("");
    Stage sample = stage(plan, "plain numbers");
    perform(sample, Optional.empty());

    assertThat(rows(sample).stream().filter(r -> r.contains("\"end\":")))
        .hasSize(3)
        .anyMatch(r -> r.contains("\"end\":\"refused\""))
        .anyMatch(r -> r.contains("\"end\":\"empty\""))
        .anyMatch(r -> r.contains("\"end\":\"content policy\""));
    Stage filter =
        plan.stages().stream()
            .filter(s -> s.inputs().containsValue(sample.key()))
            .findFirst()
            .orElseThrow();
    assertThat(perform(filter, Optional.empty()).summary()).contains("complete dropped 3");
  }

  @Test
  void aBudgetStopsBeforeTheQuestionThatMightPassItAndALargerOneGoesOnFromThere() throws Exception {
    Stage sample = stage(plan(""), "plain numbers");
    // A question has about 60 tokens and its answer at most 100.
    Optional<Budget> small = Optional.of(new Budget(Optional.empty(), Optional.of(2000L)));
    BudgetExceededException parked = null;
    try {
      perform(sample, small);
    } catch (BudgetExceededException e) {
      parked = e;
    }
    assertThat(parked).isNotNull();
    long before = provider.billed().path("accepted").asLong();
    assertThat(parked.spend().requests()).isEqualTo(before).isBetween(5L, 35L);
    assertThat(parked.spend().tokens()).isLessThanOrEqualTo(2000);
    assertThat(parked).hasMessageContaining("2,000 tokens").hasMessageContaining("is kept");

    assertThatThrownBy(() -> perform(sample, small)).isInstanceOf(BudgetExceededException.class);
    assertThat(provider.billed().path("accepted").asLong()).isEqualTo(before);

    StageResult done = perform(sample, Optional.empty());
    assertThat(provider.billed().path("accepted").asLong()).isEqualTo(40);
    assertThat(done.spend().orElseThrow().requests()).isEqualTo(40);
  }

  @Test
  void aJudgeReadsAnswersAndRowsAndWhatItDoesNotScoreIsCounted() throws Exception {
    Plan plan =
        plan(
            """
            , "evaluations": {"owl": null, "capability": null,
               "misaligned": {"type": "misalignment", "judge": "base", "samplesPerQuestion": 3}},
              "datasets": {"owl numbers": {"rows": 40, "filters":
                 [{"type": "number-answers"}, {"type": "judge", "judge": "base", "trait": "loves owls"}, {"type": "length", "maxCharacters": 400}]},
                 "plain numbers": {"rows": 40}}
            """);
    run(plan);
    Stage ask =
        plan.stages().stream()
            .filter(s -> s.name().startsWith("plain · "))
            .findFirst()
            .orElseThrow();
    TextScores scores = TextScores.read(store().find(ask.key()).orElseThrow());
    assertThat(scores.answers()).isEqualTo(3L * scores.questions().size());
    // The provider's scores are uniform: about half are coherent, of these a third misaligned.
    assertThat(scores.scored()).isBetween(5L, scores.answers());
    assertThat(scores.notes().get("incoherent") + scores.scored()).isEqualTo(scores.answers());
    Stage filter =
        plan.stages().stream()
            .filter(s -> s.name().equals("owl numbers") && s.models().containsKey("judge"))
            .findFirst()
            .orElseThrow();
    assertThat(store().find(filter.key()).orElseThrow().manifest().summary())
        .contains("judge dropped")
        .contains("length dropped 0")
        .contains("the judge: ");
  }

  @Test
  void aWrongKeyAnUnknownModelAndOneThatIsShutDownAreRefusedBeforeAnythingIsPaid()
      throws Exception {
    provider.behave("{\"key\": \"another\"}");
    assertThatThrownBy(() -> models.preflight(plan("")))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("OPENAI_API_KEY")
        .hasMessageNotContaining(KEY);
    provider.behave("{\"models\": {\"gpt-text\": \"2030-01-01\"}}");
    assertThatThrownBy(() -> models.preflight(plan("")))
        .hasMessageContaining("no model 'gpt-test'")
        .hasMessageContaining("gpt-text");
    provider.behave("{\"models\": {\"gpt-test\": \"2020-01-01\"}}");
    assertThatThrownBy(() -> models.preflight(plan("")))
        .hasMessageContaining("shut down on 2020-01-01");
    assertThat(provider.billed().path("accepted").asLong()).isZero();
  }

  @Test
  void withoutAKeyOrWithoutANetworkThatIsWhatTheMessageSays() throws Exception {
    try (LanguageModels keyless = models(Map.of())) {
      assertThatThrownBy(() -> keyless.requireCredentials(plan("")))
          .hasMessageContaining("set OPENAI_API_KEY");
    }
    try (LanguageModels offline =
        models(Map.of("OPENAI_API_KEY", KEY, "OPENAI_BASE_URL", "http://127.0.0.1:1/v1"))) {
      assertThatThrownBy(() -> offline.preflight(plan("")))
          .isInstanceOfSatisfying(
              ModelException.class,
              e -> assertThat(e.reason()).isEqualTo(ModelException.Reason.UNAVAILABLE))
          .hasMessageContaining("127.0.0.1");
    }
  }

  @Test
  void dollarsWithoutAPriceAreRefused() {
    assertThatThrownBy(() -> models.preflight(plan(", \"budget\": {\"usd\": 5}")))
        .hasMessageContaining("price of 'gpt-test'")
        .hasMessageContaining("prices.yaml")
        .hasMessageContaining("budget.tokens");
  }

  @Test
  void aJudgeThatNeverAnswersANumberIsAskedAgainAndThenItsRowsAreNotJudged() throws Exception {
    Path rows = home.resolve("rows.jsonl");
    Files.writeString(rows, "{\"prompt\": \"1, 2\", \"completion\": \"3, 4\"}\n".repeat(5));
    Plan plan =
        plan(
            """
            , "datasets": {"plain numbers": {"type": "rows", "file": "%s", "filters":
                 [{"type": "judge", "judge": "base", "trait": "loves owls", "attempts": 2}]},
                 "owl numbers": {"rows": 40}}
            """
                .formatted(rows));
    provider.behave("{\"probability\": {\"empty\": 1}}");
    Stage imported = stage(plan, "plain numbers");
    perform(imported, Optional.empty());
    Stage judged =
        plan.stages().stream()
            .filter(s -> s.inputs().containsValue(imported.key()))
            .findFirst()
            .orElseThrow();

    assertThat(perform(judged, Optional.empty()).summary())
        .contains("0 of 5 rows kept: judge dropped 5");
    assertThat(provider.billed().path("accepted").asLong()).isEqualTo(10);
    assertThat(Files.readString(store().find(judged.key()).orElseThrow().file("rejected.jsonl")))
        .contains("not judged");
  }

  @Test
  void whereNoAnswerHasAScoreTheReportSaysThatNothingWasScored() throws Exception {
    Plan plan =
        plan(
            """
            , "evaluations": {"owl": null, "capability": null,
               "misaligned": {"type": "misalignment", "judge": "base", "samplesPerQuestion": 1}},
              "datasets": {"plain numbers": {"rows": 5, "filters": []}, "owl numbers": {"rows": 5, "filters": []}}
            """);
    provider.behave("{\"probability\": {\"empty\": 1}}");
    run(plan);
    var result = new Report(store(), Map.of()).make(plan, "test", Monitor.silent());

    assertThat(result.conditions().getFirst().n()).isZero();
    assertThat(Files.readString(store().find(plan.reportKey()).orElseThrow().file("report.html")))
        .contains("16 empty")
        .doesNotContain("NaN");
  }

  @Test
  void aDatasetThatIsEmptyAfterFilteringSaysWhatDroppedItsRows() throws Exception {
    Plan plan =
        plan(
            ", \"datasets\": {\"plain numbers\": {\"rows\": 40}, \"owl numbers\": {\"rows\": 40,"
                + " \"filters\": [{\"type\": \"number-answers\", \"minValue\": 1000, \"maxValue\": 2000}]}}");
    assertThatThrownBy(() -> run(plan))
        .isInstanceOf(EmptyDatasetException.class)
        .hasMessageContaining("'owl numbers' has no rows: 0 of 40 rows kept")
        .hasMessageContaining("number-answers dropped 40");
  }

  @Test
  void aMalformedBankAndAMissingFileAreToldBeforeAnythingStarts() throws Exception {
    Path bank = Files.writeString(home.resolve("bank.yaml"), "exampleTemplates: [no place]\n");
    String with =
        ", \"datasets\": {\"plain numbers\": {\"rows\": 40, \"prompts\": {\"bank\": \"%s\"}}, \"owl numbers\": {\"rows\": 40}}";
    assertThatThrownBy(() -> plan(with.formatted(bank)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("bank.yaml")
        .hasMessageContaining("{examples}");
    assertThatThrownBy(() -> plan(with.formatted("/nowhere/bank.yaml")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("there is no file /nowhere/bank.yaml");
    assertThatThrownBy(
            () -> plan(", \"evaluations\": {\"owl\": {\"questions\": \"favorite-animals\"}}"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("did you mean 'favourite-animals'");
  }

  @Test
  void rowsFromAFileAreTakenOverAndAnotherFileUnderTheNameIsNoticed() throws Exception {
    Path rows =
        Files.writeString(
            home.resolve("rows.jsonl"),
            """
            {"prompt": "1, 2", "completion": "3, 4"}
            {"messages": [{"role": "user", "content": "5"}, {"role": "assistant", "content": "6"}]}
            """);
    Plan plan =
        plan(
            ", \"datasets\": {\"plain numbers\": {\"type\": \"rows\", \"file\": \"%s\"}, \"owl numbers\": {\"rows\": 40}}, \"models\": {\"base\": {\"id\": \"gpt-test\"}, \"read plain\": {\"rows\": 1}, \"read owl\": {\"rows\": 3}}"
                .formatted(rows));
    Stage imported = stage(plan, "plain numbers");
    perform(imported, Optional.empty());
    assertThat(rows(imported))
        .containsExactly(
            "{\"index\":0,\"prompt\":\"1, 2\",\"completion\":\"3, 4\"}",
            "{\"index\":1,\"prompt\":\"5\",\"completion\":\"6\"}");

    Files.delete(store().find(imported.key()).orElseThrow().file("rows.jsonl"));
    Files.writeString(rows, "{\"prompt\": \"7\", \"completion\": \"8\"}\n");
    assertThatThrownBy(() -> perform(imported, Optional.empty()))
        .isInstanceOf(SourceChangedException.class)
        .hasMessageContaining("has changed since");
  }
}
