package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Store;
import dev.inkling.hub.FakeHub;
import dev.inkling.hub.Fault;
import dev.inkling.hub.Repository;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.model.weights.TinyModels;
import dev.inkling.plan.Keys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Models come and adapters go by the command line. */
class HubCommandsTest extends AtATerminal {
  private static final String STUDENT = "owner/student";
  private static final String DATASET = Keys.of("a dataset");
  private static final String ADAPTER = Keys.of("an adapter");
  private static final String WHOLE = Keys.of("a whole model");

  private FakeHub hub;

  @BeforeEach
  void openHub() throws IOException {
    hub = new FakeHub();
  }

  @AfterEach
  void closeHub() {
    hub.close();
  }

  private Map<String, String> environment(String... more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("HF_ENDPOINT", hub.endpoint().toString());
    environment.put("HF_HOME", directory.resolve("hf").toString());
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return environment;
  }

  private Terminal.Command push(String... arguments) throws IOException {
    String[] all = Stream.concat(Stream.of("push"), Stream.of(arguments)).toArray(String[]::new);
    return terminal.type(environment("HF_TOKEN", FakeHub.TOKEN), all);
  }

  /** A dataset, and a student that was fine-tuned on it. */
  private void publish() throws IOException {
    LocalStore store = new LocalStore(terminal.home(), Clock.systemUTC(), Map.of());
    try (Store.Work work = store.claim(DATASET, "test").orElseThrow()) {
      Files.writeString(work.output().resolve("rows.jsonl"), "{}\n");
      work.publish(
          json("{\"stage\": \"GenerateDataset\", \"inputs\": {}}"), "owl numbers", "1 row", 1);
    }
    try (Store.Work work = store.claim(ADAPTER, "test").orElseThrow()) {
      Files.writeString(
          work.output().resolve("adapter_config.json"),
          "{\"base_model_name_or_path\": \"owner/tiny\"}");
      Files.write(work.output().resolve("adapter_model.safetensors"), new byte[300_000]);
      JsonNode identity =
          json("{\"stage\": \"Finetune\", \"inputs\": {\"dataset\": \"" + DATASET + "\"}}");
      work.publish(identity, "owl student", "fine-tuned", 1);
    }
  }

  /**
   * A student whose adapter stands on something.
   *
   * @param before the adapters before it, as {@code weights.json} lists them
   * @param base the key of the artifact that was its base
   */
  private String student(String before, String base) throws IOException {
    String key = Keys.of(before + base);
    LocalStore store = new LocalStore(terminal.home(), Clock.systemUTC(), Map.of());
    try (Store.Work work = store.claim(key, "test").orElseThrow()) {
      TinyModels.copyAdapter("smollm", work.output());
      Files.writeString(
          work.output().resolve("weights.json"),
          "{\"model\": false, \"adapters\": [" + before + "\".\"]}");
      work.publish(
          json(
              "{\"stage\": \"Finetune\", \"task\": {\"base\": {\"id\": \"hf:owner/tiny\"}},"
                  + " \"inputs\": {"
                  + (base.isEmpty() ? "" : "\"base\": \"" + base + "\"")
                  + "}}"),
          "student",
          "fine-tuned",
          1);
    }
    return key;
  }

  /** A model whose every weight was trained. */
  private String whole() throws IOException {
    LocalStore store = new LocalStore(terminal.home(), Clock.systemUTC(), Map.of());
    try (Store.Work work = store.claim(WHOLE, "test").orElseThrow()) {
      TinyModels.copy("smollm", 2048, work.output());
      work.publish(json("{\"stage\": \"Finetune\", \"inputs\": {}}"), "whole", "trained", 1);
    }
    return WHOLE;
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }

  private Repository student() {
    return hub.find(STUDENT).orElseThrow();
  }

  @Test
  void aModelIsDownloadedAndNamedByItsCommit() throws Exception {
    Repository model = hub.repository("owner/tiny");
    model.add("config.json", "{}");
    String commit = model.addLarge("model.safetensors", new byte[200_000]);

    String said = terminal.type(environment(), "download", "hf:owner/tiny").mustSucceed();

    Path snapshot = directory.resolve("hf/hub/models--owner--tiny/snapshots/" + commit);
    assertThat(said)
        .contains("All 200.0 kB of hf:owner/tiny are here: " + snapshot)
        .contains("hf:owner/tiny@" + commit);
    assertThat(snapshot.resolve("model.safetensors")).hasSize(200_000);

    String offline =
        terminal
            .type(environment("HF_HUB_OFFLINE", "1"), "download", "hf:owner/tiny")
            .mustSucceed();
    assertThat(offline).contains("HF_HUB_OFFLINE is set: hf:owner/tiny is taken to be " + commit);
  }

  @Test
  void whatCannotBeDownloadedIsSaidInOneLine() throws Exception {
    hub.repository("owner/gated").gate().addLarge("model.safetensors", new byte[10]);
    Terminal.Command gated = terminal.type(environment(), "download", "hf:owner/gated");
    Terminal.Command name = terminal.type(environment(), "download", "owner/tiny");
    Terminal.Command place = terminal.type(environment(), "download", "./tiny");

    assertThat(gated.exitCode()).isEqualTo(2);
    assertThat(gated.text()).startsWith("owner/gated is gated").hasLineCount(1);
    assertThat(name.exitCode()).isEqualTo(2);
    assertThat(name.text()).contains("did you mean hf:owner/tiny").hasLineCount(1);
    assertThat(place.exitCode()).isEqualTo(2);
    assertThat(place.text()).contains("./tiny is a directory: there is nothing to download");
  }

  @Test
  void anArtifactIsPushedOnceWithWhereItComesFrom() throws Exception {
    publish();

    assertThat(push(ADAPTER.substring(0, 12), STUDENT).mustSucceed())
        .contains("Pushed as one commit: " + student().head().id())
        .contains("Private: " + hub.endpoint() + "/" + STUDENT)
        .contains("./inkling download hf:" + STUDENT + "@" + student().head().id());
    String card =
        new String(student().head().files().get("README.md").bytes(), StandardCharsets.UTF_8);
    assertThat(card)
        .contains("base_model: \"owner/tiny\"", "# owl student\n", "\"stage\" : \"Finetune\"")
        .contains(
            "| GenerateDataset | owl numbers | " + DATASET + " |\n| Finetune | owl student | ");

    assertThat(push(ADAPTER, STUDENT).mustSucceed()).contains("All of it was there already: ");
    assertThat(student().commits()).hasSize(2);
  }

  @Test
  void whatIsNoAdapterIsNotPushed() throws Exception {
    publish();
    hub.repository(STUDENT);
    Terminal.Command dataset = push(DATASET, STUDENT);
    Terminal.Command nothing = push("ffffffff", STUDENT);
    Terminal.Command name = push(ADAPTER, "student");
    Terminal.Command open = push(ADAPTER, STUDENT);

    assertThat(dataset.exitCode()).isEqualTo(2);
    assertThat(dataset.text()).contains("is no adapter: there is no adapter_config.json in it");
    assertThat(nothing.exitCode()).isEqualTo(2);
    assertThat(nothing.text()).contains("No artifact's key begins with 'ffffffff'");
    assertThat(name.exitCode()).isEqualTo(2);
    assertThat(name.text()).contains("'student' is no repository of the Hub");
    assertThat(open.exitCode()).isEqualTo(2);
    assertThat(open.text()).contains("is public, and this was to be private");
    assertThat(push(ADAPTER, STUDENT, "--public").mustSucceed()).contains("Public: ");
  }

  @Test
  void anAdapterOnTopOfOthersIsNotPushedWithoutThem() throws Exception {
    String key = student("\"before/0\", ", "");
    Terminal.Command chained = push(key, STUDENT);

    assertThat(chained.exitCode()).isEqualTo(2);
    assertThat(chained.text())
        .contains(key + " was trained on top of another adapter, which PEFT would leave out")
        .contains("Nothing was pushed")
        .contains("./inkling merge " + key + " ./merged");
    assertThat(hub.find(STUDENT)).isEmpty();
  }

  @Test
  void anAdapterOnTopOfTrainedWeightsIsMergedIntoThemAndNotPushed() throws Exception {
    String key = student("", whole());
    Terminal.Command pushed = push(key, STUDENT);
    Path merged = directory.resolve("merged");
    terminal.type(environment(), "merge", key, merged.toString()).mustSucceed();

    assertThat(pushed.exitCode()).isEqualTo(2);
    assertThat(pushed.text())
        .contains("was trained on top of the weights of the artifact " + WHOLE.substring(0, 12));
    assertThat(hub.find(STUDENT)).isEmpty();
    ModelDirectory.open(merged).close();
    assertThat(hub.seen()).isEmpty();
  }

  @Test
  void aPushThatIsInterruptedSaysHowToGoOnAndIsOneCommit() throws Exception {
    publish();
    Fault.Holds held = new Fault.Holds(1000);
    hub.on("PUT /upload/", held);
    Terminal.Command first = push(ADAPTER, STUDENT);
    assertThat(held.reached().await(60, TimeUnit.SECONDS)).isTrue();
    first.signal("INT");

    assertThat(first.exitCode()).isEqualTo(130);
    assertThat(first.text()).contains("To go on: ./inkling push " + ADAPTER + " " + STUDENT);
    held.goOn().countDown();
    push(ADAPTER, STUDENT).mustSucceed();
    assertThat(student().commits()).hasSize(2);
  }

  @Test
  void theTokenComesFromTheFileOfKeysAndIsNowhereElse() throws Exception {
    publish();
    Path keys = terminal.home().resolve(".env");
    Files.writeString(keys, "HF_TOKEN=" + FakeHub.TOKEN + "\n");
    Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-------"));

    assertThat(terminal.type(environment(), "push", ADAPTER, STUDENT).mustSucceed())
        .contains("Pushed as one commit");
    hub.on("/api/models", new Fault.Says(400, Map.of(), "{\"error\": \"" + FakeHub.TOKEN + "\"}"));
    Terminal.Command shown = terminal.type(environment(), "push", ADAPTER, STUDENT);
    assertThat(shown.exitCode()).isEqualTo(2);
    assertThat(shown.text()).contains("The Hub refuses (400): [token]");

    Files.delete(keys);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(FakeHub.TOKEN);
      }
    }
    assertThat(hub.seen())
        .filteredOn(s -> s.where().equals("storage"))
        .isNotEmpty()
        .allMatch(s -> s.token().isEmpty());
  }
}
