package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a tool would be handed, as somebody sees it who checks a spec; no tool is there. */
@Timeout(600)
class ClustersRenderTest {
  private static final Map<String, String> SECRETS =
      Map.of(
          "HF_TOKEN",
          "hf_hidden",
          "AWS_SECRET_ACCESS_KEY",
          "aws_hidden",
          "INKLING_STORE",
          "s3://bucket/experiments");

  @TempDir Path directory;
  private InstalledCommand inkling;

  @BeforeEach
  void open() throws IOException {
    inkling = InstalledCommand.in(directory);
    Files.createDirectory(libraries());
  }

  /** They lie beside the archive, as the build puts them. */
  private Path libraries() {
    return inkling.archive().resolveSibling("lib");
  }

  private InstalledCommand.Ended render(String compute) throws Exception {
    Path spec =
        Files.writeString(
            directory.resolve("owls.yaml"), "preset: promptmlp\nname: owls\ncompute: " + compute);
    return inkling.type(SECRETS, "clusters", "render", spec.toString());
  }

  private String rendered(String compute) throws Exception {
    InstalledCommand.Ended ended = render(compute);
    assertThat(ended.code()).as(ended.errors()).isZero();
    assertThat(ended.output()).doesNotContain("hidden");
    assertThat(inkling.home().resolve("clusters")).doesNotExist();
    assertThat(inkling.home().resolve("launches")).doesNotExist();
    return ended.output();
  }

  /** Another program has nothing to say against it. */
  private void passes(String text, String... command) throws Exception {
    Path file = Files.writeString(directory.resolve("rendered"), text);
    Path said = directory.resolve("said");
    List<String> line = new java.util.ArrayList<>(List.of(command));
    line.add(file.toString());
    Process process =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(said)).isZero();
  }

  @Test
  void aJobOfSlurmIsACommandAndAScriptThatBashTakes() throws Exception {
    String text =
        rendered(
            "{type: slurm, gpus: 2, gpuType: h100, partition: gpu, account: owls, cpus: 4,"
                + " memoryGb: 32, options: [--qos=short], maxHours: 0.5,"
                + " setup: \"module load cuda\"}\n");

    String command = text.lines().findFirst().orElseThrow();
    assertThat(command)
        .startsWith("sbatch --qos=short ")
        .contains(" --job-name=inkling-owls-")
        .contains(" --gres=gpu:h100:2 ")
        .contains(" --partition=gpu ", " --account=owls ", " --cpus-per-task=4 ", " --mem=32G ")
        .contains(" --time=30 ", " --export=NONE ", " --no-requeue ")
        .endsWith("/1.sh");
    String script = text.substring(text.indexOf("#!/bin/bash"));
    passes(script, "bash", "-n");
    assertThat(script)
        .contains("\nmodule load cuda\n", "--stages-only", "--idle-minutes 10")
        .contains("exports, readable by its owner only: ", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY")
        .doesNotContainPattern("@[A-Z]+@");
  }

  @Test
  void aTaskOfSkyPilotIsYamlForEachCandidate() throws Exception {
    String text =
        rendered(
            "{type: sky, accelerators: \"H100:2\", infra: runpod, spot: true, maxUsd: 20,"
                + " anyOf: [{accelerators: \"A100-80GB:1\", infra: aws/us-east-1}]}\n");

    ObjectMapper yaml = new ObjectMapper(new YAMLFactory());
    try (MappingIterator<JsonNode> documents = yaml.readerFor(JsonNode.class).readValues(text)) {
      List<JsonNode> tasks = documents.readAll();
      assertThat(tasks).hasSize(2);
      JsonNode first = tasks.getFirst().path("resources");
      assertThat(first.path("accelerators").asText()).isEqualTo("H100:2");
      assertThat(first.path("infra").asText()).isEqualTo("runpod");
      assertThat(first.path("use_spot").asBoolean()).isTrue();
      assertThat(first.path("autostop").path("down").asBoolean()).isTrue();
      assertThat(first.path("labels").path("generation").asText()).isEqualTo("1");
      JsonNode second = tasks.getLast().path("resources");
      assertThat(second.path("accelerators").asText()).isEqualTo("A100-80GB:1");
      assertThat(second.has("use_spot")).isFalse();
      for (JsonNode task : tasks) {
        passes(task.path("setup").asText(), "bash", "-n");
        passes(task.path("run").asText(), "bash", "-n");
        assertThat(task.path("envs").path("INKLING_WORKER").asText())
            .startsWith("worker --queue inkling-owls-")
            .contains(".1 --stages-only --idle-minutes 10 --max-hours 12.0000");
        assertThat(task.path("file_mounts").properties())
            .extracting(mount -> mount.getValue().asText())
            .contains(inkling.archive().toString(), libraries().toString());
      }
    }
  }

  @Test
  void aFunctionOfModalIsAPageThatPythonTakes() throws Exception {
    String text =
        rendered("{type: modal, accelerators: \"A100-80GB:2\", secret: mine, maxHours: 2}\n");

    passes(text, "python3", "-m", "py_compile");
    assertThat(text)
        .contains(
            "# INKLING_GPU=A100-80GB:2\n", "# INKLING_SECRET=mine\n", "# INKLING_TORCH=2.7.1\n")
        .contains("# INKLING_LIBRARIES_HERE=" + libraries() + "\n")
        .contains("# INKLING_SECONDS=7200\n", "--gpus 2\n", "# INKLING_APP=inkling-owls-")
        .contains("--max-hours 2.0000");
  }

  @Test
  void aSpecThatNeedsNoMachineSaysWhichDo() throws Exception {
    InstalledCommand.Ended ended = render("{type: local}\n");

    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.errors())
        .contains("compute.type of this spec needs no machine")
        .contains("Types that do: slurm, sky, modal");
  }

  @Test
  void whatIsWrongInASpecIsToldWithItsLineAndWhatIsRight() throws Exception {
    InstalledCommand.Ended typo = render("{type: slrum}\n");
    assertThat(typo.code()).isEqualTo(2);
    assertThat(typo.errors())
        .contains("owls.yaml:3: compute.type:", "slrum", "slurm")
        .doesNotContain("\tat ");

    InstalledCommand.Ended values = render("{type: sky, accelerators: 8xH100, maxUsd: 0}\n");
    assertThat(values.code()).isEqualTo(2);
    assertThat(values.errors())
        .contains("owls.yaml:3: compute.accelerators:", "8xH100")
        .contains("owls.yaml:3: compute.maxUsd: must be at least 0.01, got 0")
        .doesNotContain("\tat ");
  }
}
