package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What somebody types to look at many experiments, over experiments that really ran. */
@Timeout(400)
class TrackingCommandsTest {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final Map<String, String> AWAY =
      Map.of(
          "INKLING_TRACKING_URL", "jdbc:postgresql://127.0.0.1:1/tracking",
          "INKLING_TRACKING_USER", "somebody",
          "INKLING_TRACKING_PASSWORD", "a-secret-word-9");

  @TempDir Path directory;
  private Terminal terminal;

  @BeforeEach
  void open() throws Exception {
    terminal = new Terminal(Files.createDirectories(directory.resolve("home")));
  }

  @AfterEach
  void close() throws Exception {
    terminal.close();
  }

  private String run(Map<String, String> environment, String... changes) throws Exception {
    List<String> words = new java.util.ArrayList<>(List.of("run", "promptmlp"));
    for (String change : changes) {
      words.addAll(List.of("--set", change));
    }
    Terminal.Command run = terminal.type(environment, words.toArray(String[]::new));
    assertThat(run.exitCode(LONG)).as(run.text()).isZero();
    if (environment.isEmpty()) {
      assertThat(run.text()).doesNotContainIgnoringCase("tracking", "flyway", "WARN");
    } else {
      assertThat(run.text())
          .contains("does not answer", "is not in it yet. To put that right: ./inkling reindex")
          .doesNotContain("a-secret-word-9");
    }
    return run.experiment();
  }

  private String fails(int code, String... words) throws Exception {
    Terminal.Command command = terminal.type(words);
    assertThat(command.exitCode(LONG)).as(command.text()).isEqualTo(code);
    assertThat(command.text()).doesNotContain("at dev.inkling", "Exception");
    return command.text();
  }

  @Test
  void experimentsAreListedFilteredAndComparedAndTheDatabaseMayVanish() throws Exception {
    String first = run(Map.of(), "seeds=[0,1]");
    String second = run(AWAY, "seeds=[0,1]", "datasets.unrelated.rows=500");
    Path database = terminal.home().resolve("tracking.db");
    assertThat(database).exists();
    assertThat(terminal.home().resolve("experiments/" + first + ".json")).exists();

    // The one that ran while the database was away is found when somebody looks.
    String list = terminal.mustSucceed("list");
    assertThat(list).contains(first, second).doesNotContain("built anew");
    assertThat(list.lines()).hasSize(3);
    assertThat(terminal.mustSucceed("list", "--where", "condition = 'same initialisation'"))
        .contains(first, "class 1", " to ");
    JsonNode json =
        new ObjectMapper()
            .readTree(terminal.mustSucceed("list", "--where", "seed = 1 and n >= 2", "--json"));
    assertThat(json).hasSize(2);
    assertThat(json.get(0).path("seeds").toString()).isEqualTo("[0,1]");
    assertThat(json.get(0).path("lines").get(0).path("mean").isNumber()).isTrue();
    String compared =
        terminal.mustSucceed("compare", first.substring(0, first.length() - 2), second);
    assertThat(compared)
        .contains("1  " + first, "datasets.unrelated.rows: ", " -> 500", "paired over 2 models")
        .contains("Holm over 4 differences");
    assertThat(terminal.mustSucceed("compare", first, second, "--json")).contains("\"PAIRED\"");

    Files.delete(database);
    assertThat(terminal.mustSucceed("list"))
        .contains("is not there; built anew: 2 experiments (2 done)")
        .endsWith(list);
    Files.writeString(database, "garbage ".repeat(2000));
    assertThat(terminal.mustSucceed("list")).contains("is damaged; built anew").endsWith(list);
    assertThat(terminal.mustSucceed("reindex"))
        .contains("Built " + database + ": 2 experiments (2 done), ");
    assertThat(terminal.mustSucceed("compare", first, second)).isEqualTo(compared);

    assertThat(terminal.mustSucceed("gc", "--forget", second, "--yes")).contains("Removed.");
    assertThat(terminal.mustSucceed("list")).contains(first).doesNotContain(second);

    assertThat(fails(2, "compare", first, "promptmpl")).contains("did you mean 'promptmlp'?");
    assertThat(fails(2, "compare", first, first)).contains("stands there twice");
    assertThat(fails(2, "compare", first)).contains("ID");
    assertThat(fails(2, "list", "--where", "mena > 1")).contains("did you mean 'mean'?");
    assertThat(terminal.mustSucceed("list", "--where", "usd > 100")).contains("Nothing fits");
    Terminal.Command away = terminal.type(AWAY, "list");
    assertThat(away.exitCode(LONG)).isEqualTo(1);
    assertThat(away.text())
        .contains("jdbc:postgresql://127.0.0.1:1/tracking does not answer")
        .contains("look at INKLING_TRACKING_URL")
        .doesNotContain("a-secret-word-9");
  }

  @Test
  void theHelpNamesEveryField() throws Exception {
    assertThat(terminal.mustSucceed("list", "--help"))
        .contains("experiment", "metric", "tokens", "the corrected p-value")
        .contains("--where \"condition = 'student (ghost)' and p < 0.05\"");
    assertThat(terminal.mustSucceed("list")).contains("No experiments yet");
  }
}
