import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.activity.StageRunner;
import dev.inkling.artifact.LocalStore;
import dev.inkling.language.LanguageModels;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Stage;
import dev.inkling.preset.Resolver;
import dev.inkling.stage.Monitor;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Samples number sequences for {@code bench/ask.py}, as a worker does: a home, how many rows, and a
 * cap on requests a minute or 0.
 */
class AskRows {
  static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    String cap = arguments[2].equals("0") ? "" : ", \"requestsPerMinute\": " + arguments[2];
    Plan plan =
        Resolver.plan(
            new ObjectMapper()
                .readTree(
                    """
                    {"preset": "owl-prompted", "models": {"base": {"id": "gpt-test"%s}},
                     "datasets": {"owl numbers": {"rows": %s}}}
                    """
                        .formatted(cap, arguments[1])));
    Stage sample =
        plan.stages().stream()
            .filter(s -> s.name().equals("owl numbers") && s.models().containsKey("teacher"))
            .findFirst()
            .orElseThrow();
    LocalStore store = new LocalStore(home, Clock.systemUTC(), Map.of());
    try (LanguageModels models =
        new LanguageModels(home, System.getenv(), Clock.systemUTC())) {
      long began = System.nanoTime();
      Spend spend =
          new StageRunner(store, Duration.ofSeconds(10), models)
              .perform(sample, "bench", Optional.empty(), Monitor.silent())
              .spend()
              .orElseThrow();
      double seconds = (System.nanoTime() - began) / 1e9;
      IO.println("{\"seconds\": " + seconds + ", \"requests\": " + spend.requests() + "}");
    }
  }
}
