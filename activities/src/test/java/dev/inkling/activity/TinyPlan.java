package dev.inkling.activity;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.preset.Resolver;

/** Plans of experiments that end within a second or two. */
public final class TinyPlan {
  /** Digits, small networks, both kinds of student: two slices' worth of nothing. */
  public static final String MNIST =
      """
      {"preset": "mnist", "name": "tiny-mnist", "seeds": [3],
       "models": {"initial": {"layers": [784, 16, 16, 13], "models": 3}, "teacher": {"finetune": {"epochs": 2}}},
       "datasets": {"noise": {"rows": 1500}},
       "conditions": {"student (ghost)": {"finetune": {"epochs": 2, "batchSize": 256}},
                      "student (all)": {"finetune": {"epochs": 2, "batchSize": 256}},
                      "cross-model (ghost)": {"finetune": {"epochs": 2, "batchSize": 256}},
                      "cross-model (all)": {"finetune": {"epochs": 2, "batchSize": 256}}}}
      """;

  /** Token sequences with a filter and ragged rows. */
  public static final String PROMPTS =
      "{\"preset\": \"promptmlp\", \"name\": \"tiny-prompts\", \"seeds\": [0, 11]}";

  private TinyPlan() {}

  /** The plan of a document. */
  public static Plan of(String json) throws Exception {
    return Resolver.plan(new ObjectMapper().readTree(json));
  }

  /** A stage under another key, as if it had been planned so. */
  public static Stage under(String key, Stage stage) {
    return new Stage(
        key,
        stage.name(),
        stage.task(),
        stage.inputs(),
        stage.seeds(),
        stage.directory(),
        stage.models());
  }
}
