package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people see when they mistype: a message with its place, exit code 2, no stack trace. */
class CommandLineTest {
  @TempDir Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;

  @BeforeEach
  void capture() {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void release() {
    System.setOut(realOut);
    System.setErr(realErr);
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void everyProblemIsToldWithItsLine() throws Exception {
    Path spec = directory.resolve("my.yaml");
    Files.writeString(
        spec,
        "preset: mnist\nseeds: [1]\ndatasets:\n  noise: {row: 5}\nconditions:\n  teacher: {student: techer}\n");

    assertThat(Main.execute("validate", spec.toString())).isEqualTo(2);
    assertThat(errors())
        .contains(
            spec + ":4: datasets.noise.row: there is no field 'row' here, did you mean 'rows'?")
        .doesNotContain("at dev.inkling", "Exception");

    Files.writeString(spec, Files.readString(spec).replace("row:", "rows:"));
    assertThat(Main.execute("validate", spec.toString())).isEqualTo(2);
    assertThat(errors())
        .contains(
            spec
                + ":6: conditions.teacher.student: there is no model 'techer', did you mean 'teacher'?");
  }

  @Test
  void anUnknownPresetAndAnUnknownCommandGetASuggestion() {
    assertThat(Main.execute("run", "mnits")).isEqualTo(2);
    assertThat(errors()).contains("there is no file and no preset 'mnits', did you mean 'mnist'?");

    assertThat(Main.execute("rnu", "mnist")).isEqualTo(2);
    assertThat(errors()).contains("run");
  }

  @Test
  void setNeedsAPathAndAValue() {
    assertThat(Main.execute("validate", "mnist", "--set", "seeds")).isEqualTo(2);
    assertThat(errors()).contains("--set needs path=value");
    assertThat(Main.execute("validate", "mnist", "--set", "seeds=[1,2]")).isZero();
    assertThat(Main.execute("validate", "mnist", "--set", "datasets.noise.rows=0")).isEqualTo(2);
    assertThat(errors()).contains("datasets.noise.rows: must be at least 1, got 0");
  }

  @Test
  void aMissingDirectoryOfDigitsIsNamed() {
    assertThat(
            Main.execute(
                "validate", "mnist-paper", "--set", "datasets.digits.directory=" + directory))
        .isEqualTo(2);
    assertThat(errors()).contains("there is no t10k-images-idx3-ubyte");
  }

  @Test
  void presetsAreListedAndShown() {
    assertThat(Main.execute("presets")).isZero();
    assertThat(Main.execute("presets", "show", "mnist")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("mnist-paper", "loss: {type: kl, logits: ghost}")
        .contains("target (owl): what the teacher loves")
        .contains("targets (dolphin, eagle, elephant, owl, wolf)")
        .contains("insecureCode (must be given): a file");
    assertThat(Main.execute("presets", "show", "nope")).isEqualTo(2);
  }

  @Test
  void theSchemaIsJson() throws Exception {
    assertThat(Main.execute("schema")).isZero();
    assertThat(
            new com.fasterxml.jackson.databind.ObjectMapper()
                .readTree(out.toByteArray())
                .path("title")
                .asText())
        .isEqualTo("Inkling experiment");
  }

  @Test
  void anExperimentWithoutAReportIsNamed() {
    assertThat(Main.execute("report", "nothing-here")).isEqualTo(2);
    assertThat(errors()).contains("There is no report of an experiment 'nothing-here'");
    assertThat(Main.execute("artifacts", "show", "ffff")).isEqualTo(2);
  }

  @Test
  void aPathInPlaceOfANameFindsNothingAndTouchesNothing() throws Exception {
    for (String name : java.util.List.of("../../x", "/etc", "..", "x".repeat(5000))) {
      assertThat(Main.execute("report", name)).as(name).isEqualTo(2);
      assertThat(Main.execute("artifacts", "show", name)).as(name).isEqualTo(2);
      assertThat(Main.execute("run", name)).as(name).isEqualTo(2);
      assertThat(Main.execute("presets", "show", name)).as(name).isEqualTo(2);
    }
    assertThat(Main.execute("run", "a\u0000b")).isEqualTo(2);
    assertThat(errors()).doesNotContain("at dev.inkling", "\u0000");
  }

  @Test
  void aSpecThatIsTooLargeIsNotRead() throws Exception {
    Path spec = directory.resolve("large.yaml");
    Files.writeString(spec, "preset: mnist\n#" + "x".repeat(300_000));

    assertThat(Main.execute("validate", spec.toString())).isEqualTo(2);
    assertThat(errors()).contains("large.yaml", "the spec has 300,015 bytes, more than 262,144");
  }

  @Test
  void aReportTellsOfItsMachinesIfThereWereAny() throws Exception {
    Path report = Files.createDirectories(directory.resolve("report"));
    Reports reports =
        new Reports(dev.inkling.worker.Home.of(java.util.Map.of("INKLING_HOME", directory + "/h")));
    assertThat(reports.machines(report)).isEmpty();

    Files.writeString(report.resolve("machines.json"), "{\"sentence\": \"1 used for 2.00 hours\"}");

    assertThat(reports.machines(report)).contains("Machines: 1 used for 2.00 hours.");
  }

  @Test
  void anOutThatIsAFileIsNamed() throws Exception {
    Path report = Files.createDirectories(directory.resolve("report"));
    Files.writeString(report.resolve("results.json"), "{}");
    Path file = Files.writeString(directory.resolve("file"), "mine");
    Reports reports =
        new Reports(dev.inkling.worker.Home.of(java.util.Map.of("INKLING_HOME", directory + "/h")));

    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> reports.show("id", report, java.util.Optional.of(file)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("cannot be copied to " + file)
        .hasMessageContaining("--out");
    assertThat(file).hasContent("mine");
  }
}
