package dev.inkling.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.LocalStore;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.report.Report;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.tensor.Torch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An experiment whose seeds were added one after the other says what one with all of them says. */
class AmendTest {
  @TempDir Path home;

  @BeforeAll
  static void torch() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  @Test
  void addedSeedsGiveTheNumbersOfAllSeedsAtOnceAndPayForThemselvesOnly() throws Exception {
    String amended = "{\"preset\": \"promptmlp\", \"seeds\": [0, 11], \"addedSeeds\": [[23], [5]]}";
    JsonNode whole = results("{\"preset\": \"promptmlp\", \"seeds\": [0, 11, 23, 5]}", "whole");
    results("{\"preset\": \"promptmlp\", \"seeds\": [0, 11]}", "parts");
    Plan plan = TinyPlan.of(amended);
    LocalStore store = new LocalStore(home.resolve("parts"), Clock.systemUTC(), Map.of());
    long reused = plan.stages().stream().filter(s -> store.find(s.key()).isPresent()).count();

    JsonNode parts = results(amended, "parts");

    assertThat(reused).isEqualTo(plan.stages().size() / 3);
    for (int c = 0; c < whole.path("conditions").size(); c++) {
      JsonNode values = whole.path("conditions").get(c).path("values");
      assertThat(parts.path("conditions").get(c).path("values")).hasSize(4);
      for (int i = 0; i < 4; i++) {
        // Products of matrices of another number of models round differently: a row or two of 200.
        assertThat(parts.path("conditions").get(c).path("values").get(i).asDouble())
            .isCloseTo(values.get(i).asDouble(), within(0.011));
      }
    }
  }

  private JsonNode results(String spec, String directory) throws Exception {
    Plan plan = TinyPlan.of(spec);
    LocalStore store = new LocalStore(home.resolve(directory), Clock.systemUTC(), Map.of());
    for (Stage stage : plan.stages()) {
      new StageRunner(store, Duration.ofHours(1), Nobody.models())
          .perform(stage, Caller.of("test"), Monitor.silent());
    }
    Path report =
        Path.of(new Report(store, Map.of()).make(plan, "test", Monitor.silent()).directory());
    return new ObjectMapper().readTree(Files.readAllBytes(report.resolve(Report.RESULTS)));
  }
}
