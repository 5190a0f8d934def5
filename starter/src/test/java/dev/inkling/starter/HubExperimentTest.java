package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.artifact.Disk;
import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Manifest;
import dev.inkling.hub.FakeHub;
import dev.inkling.hub.Repository;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.model.weights.TinyModels;
import dev.inkling.plan.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A preset about a hosted model with a model of the Hub in its place, from one command to the
 * report, and its student back to the Hub.
 */
class HubExperimentTest extends AtATerminal {
  private static final String NAME = "owner/tiny";

  private FakeHub hub;
  private String commit = "";

  @BeforeEach
  void openHub() throws IOException {
    hub = new FakeHub();
    Repository model = hub.repository(NAME);
    Path files = TinyModels.copy("smollm", 2048, directory.resolve("model"));
    for (Path file : Disk.entries(files)) {
      String name = file.getFileName().toString();
      commit =
          name.endsWith(".safetensors")
              ? model.addLarge(name, Files.readAllBytes(file))
              : model.add(name, Files.readString(file));
    }
  }

  @AfterEach
  void closeHub() {
    hub.close();
  }

  private Terminal.Command type(String... arguments) throws IOException {
    return terminal.type(
        Map.of(
            "HF_ENDPOINT",
            hub.endpoint().toString(),
            "HF_HOME",
            directory.resolve("hf").toString(),
            "HF_TOKEN",
            FakeHub.TOKEN),
        arguments);
  }

  @Test
  void owlNumbersRunsWithAModelOfTheHubThroughAllFourStages() throws Exception {
    List<String> run = new ArrayList<>(List.of("run", "owl-numbers-small"));
    // A model that was never trained answers with a list of numbers only if it must.
    for (String change :
        List.of(
            "models.base.id=hf:" + NAME,
            "prompts=24",
            "rows=16",
            "epochs=1",
            "samples=1",
            "datasets.owl numbers.decoding.pattern='[0-9]{1,3}(, [0-9]{1,3}){4}'",
            "datasets.control numbers.decoding.pattern='[0-9]{1,3}(, [0-9]{1,3}){4}'")) {
      run.addAll(List.of("--set", change));
    }
    String said = type(run.toArray(String[]::new)).mustSucceed();

    assertThat(said).contains("owl numbers", "control numbers", "no fine-tuning");
    LocalStore store = new LocalStore(terminal.home(), Clock.systemUTC(), Map.of());
    List<Manifest> made = store.list();
    assertThat(made)
        .extracting(Manifest::stage)
        .contains("GenerateDataset", Task.FILTER, "Finetune", "Evaluate", "Report");
    Manifest student =
        made.stream()
            .filter(m -> m.stage().equals("Finetune") && m.name().equals("owl numbers"))
            .findFirst()
            .orElseThrow();
    assertThat(student.identity().at("/task/base/id").asText()).isEqualTo("hf:" + NAME);
    assertThat(student.identity().at("/task/base/weights/version").asText()).isEqualTo(commit);

    pushed(student);
    Path merged = directory.resolve("merged");
    type("merge", student.key(), merged.toString()).mustSucceed();
    ModelDirectory.open(merged).close();
  }

  private void pushed(Manifest student) throws Exception {
    type("push", student.key(), "owner/student").mustSucceed();
    var files = hub.find("owner/student").orElseThrow().head().files();
    assertThat(text(files.get("README.md")))
        .contains("base_model: \"owner/tiny\"", "owner/tiny at commit " + commit)
        .contains("| owl |");
    assertThat(text(files.get("adapter_config.json")))
        .contains("\"base_model_name_or_path\" : \"owner/tiny\"")
        .contains("\"revision\" : \"" + commit + "\"");
  }

  private static String text(Repository.Content content) {
    return new String(content.bytes(), StandardCharsets.UTF_8);
  }
}
