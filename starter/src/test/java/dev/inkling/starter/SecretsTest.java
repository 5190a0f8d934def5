package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A credential goes to the Temporal service and nowhere else; a log says whose each line is. */
class SecretsTest extends AtATerminal {
  private static final String SECRET = "sk-secret-value";

  @Test
  void noCommandShowsTheKeyWhereNobodyAnswers() throws Exception {
    Map<String, String> dead =
        Map.of(
            "TEMPORAL_ADDRESS", "127.0.0.1:1",
            "TEMPORAL_API_KEY", SECRET,
            "INKLING_LOG", "json");
    List<Terminal.Command> commands =
        List.of(
            terminal.type(dead, "status"),
            terminal.type(dead, "worker", "--metrics-port", "0"),
            terminal.type(dead, "run", "promptmlp", "--detach"));

    for (Terminal.Command command : commands) {
      assertThat(command.exitCode()).as(command.text()).isEqualTo(1);
      assertThat(command.text()).contains("127.0.0.1:1").doesNotContain(SECRET);
    }
    assertNowhere();
  }

  @Test
  void aConfigurationFileThatCannotBeReadIsNotShown() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("temporal.toml"),
            "[profile.cloud]\naddress = \"127.0.0.1:1\"\napi_key = \"" + SECRET + "\" oops\n");
    Map<String, String> broken =
        Map.of("TEMPORAL_CONFIG_FILE", file.toString(), "TEMPORAL_PROFILE", "cloud");
    List<Terminal.Command> commands =
        List.of(
            terminal.type(broken, "status"),
            terminal.type(broken, "server"),
            terminal.type(broken, "doctor"));

    for (Terminal.Command command : commands) {
      assertThat(command.exitCode()).as(command.text()).isEqualTo(1);
      assertThat(command.text()).contains(file.toString(), "line 3").doesNotContain(SECRET);
    }
    assertNowhere();
  }

  @Test
  void aWholeRunLeavesTheKeyNowhereAndItsLogSaysWhoseEachLineIs() throws Exception {
    Terminal.Command run =
        terminal.type(
            Map.of("TEMPORAL_API_KEY", SECRET, "INKLING_LOG", "json"),
            "run",
            "promptmlp",
            "--set",
            "seeds=[1]");

    assertThat(run.mustSucceed()).doesNotContain(SECRET);
    assertNowhere();

    List<String> lines = run.text().lines().filter(l -> l.startsWith("{")).toList();
    assertThat(lines).isNotEmpty();
    ObjectMapper json = new ObjectMapper();
    JsonNode done = null;
    for (String line : lines) {
      JsonNode node = json.readTree(line);
      assertThat(node.path("level").asText()).isNotEmpty();
      if (node.path("formattedMessage").asText().startsWith("done: ")) {
        done = node;
      }
    }
    assertThat(done).isNotNull();
    assertThat(done.at("/mdc/experiment").asText()).startsWith("promptmlp-");
    assertThat(done.at("/mdc/stage").asText())
        .isIn("GenerateDataset", "Filter", "Finetune", "Evaluate");
    assertThat(done.at("/mdc/name").asText()).isNotEmpty();
    assertThat(done.at("/mdc/key").asText()).matches("[0-9a-f]{12}");
    assertThat(done.at("/mdc/attempt").asText()).isEqualTo("1");
    assertThat(done.at("/mdc/WorkflowId").asText()).isEqualTo(done.at("/mdc/experiment").asText());
  }

  /** Neither in an artifact, nor in the server's database and log, nor in a fault's details. */
  private void assertNowhere() throws IOException {
    byte[] secret = SECRET.getBytes(StandardCharsets.UTF_8);
    try (Stream<Path> files = Files.walk(terminal.home())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        // ISO 8859-1 keeps every byte, so that the search also works in a database.
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(content.contains(new String(secret, StandardCharsets.ISO_8859_1)))
            .as(file.toString())
            .isFalse();
      }
    }
  }

  @Test
  void anUnknownFormOfTheLogIsRefused() throws Exception {
    Terminal.Command command = terminal.type(Map.of("INKLING_LOG", "xml"), "presets");

    assertThat(command.exitCode()).isEqualTo(2);
    assertThat(command.text()).contains("INKLING_LOG is 'xml', but must be text or json");
  }
}
