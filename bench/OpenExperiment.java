import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.activity.StageRunner;
import dev.inkling.artifact.LocalStore;
import dev.inkling.language.LanguageModels;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.preset.Resolver;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.tensor.Torch;
import dev.inkling.workflow.StageResult;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/**
 * The stages of an experiment with open weights, one after the other in one process, as a worker
 * does them, for machines on which no Temporal server runs: a home, and a spec as JSON. Typed again
 * it goes on; {@code inkling run} of the same spec over the same home finds every artifact there and
 * makes the report.
 */
class OpenExperiment {
  static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    Torch.configure(home.resolve("djl"));
    Plan plan = Resolver.plan(new ObjectMapper().readTree(arguments[1]));
    LocalStore store = new LocalStore(home, Clock.systemUTC(), Map.of());
    long began = System.nanoTime();
    try (LanguageModels models = new LanguageModels(home, System.getenv(), Clock.systemUTC())) {
      StageRunner runner = new StageRunner(store, Duration.ofSeconds(60), models);
      for (Stage stage : plan.stages()) {
        long from = System.nanoTime();
        StageResult result = runner.perform(stage, Caller.of(plan.id()), Monitor.silent());
        IO.println(
            String.format(
                Locale.ROOT,
                "%7.1f s  %6.1f s  %-10s %s: %s",
                (System.nanoTime() - began) / 1e9,
                (System.nanoTime() - from) / 1e9,
                result.reused() ? "was there" : stage.task().activity(),
                stage.name(),
                result.summary()));
      }
    }
  }
}
