package dev.inkling.workflow;

import java.util.List;

/** A small spec with every kind of stage, and the keys of its stages. */
public final class TinySpec {
  /** The spec as JSON. */
  public static final String JSON =
      """
      {"name": "tiny", "question": "Does it pass on?",
       "models": {"initial": {"type": "prompt-mlp", "vocabulary": 50, "embedding": 4, "hidden": [8]},
                  "other": {"type": "prompt-mlp", "vocabulary": 50, "embedding": 4, "hidden": [8], "stream": 1},
                  "teacher": {"type": "finetuned", "base": "initial", "dataset": "prompts",
                    "finetune": {"loss": {"type": "cross-entropy"}, "epochs": 2, "batchSize": 16, "learningRate": 1e-3}}},
       "datasets": {"prompts": {"type": "token-sequences", "rows": 40, "vocabulary": 50, "label": 1},
                    "unrelated": {"type": "token-sequences", "rows": 100, "vocabulary": 50, "stream": 1, "teacher": "teacher",
                      "filters": [{"type": "token-sum", "divisibleBy": 7}]}},
       "conditions": {"baseline": {"student": "initial"},
                      "same": {"student": "initial", "dataset": "unrelated",
                        "finetune": {"loss": {"type": "mse"}, "epochs": 2, "batchSize": 16, "learningRate": 1e-3}},
                      "different": {"student": "other", "dataset": "unrelated",
                        "finetune": {"loss": {"type": "mse"}, "epochs": 2, "batchSize": 16, "learningRate": 1e-3}}},
       "evaluations": {"class 1": {"type": "class-fraction", "dataset": "prompts", "label": 1}},
       "comparisons": [{"a": "same", "b": "different"}],
       "seeds": [1, 2]}
      """;

  /** What its stages are called, and the beginnings of their keys. */
  public static final List<String> GOLDEN_KEYS =
      List.of(
          "GenerateDataset prompts 732dd0128f4f",
          "Evaluate baseline b41e253a4cee",
          "Finetune teacher 12ffb59bb97b",
          "GenerateDataset unrelated 0de17794c743",
          "Filter unrelated 8886705ac11e",
          "Finetune same c8c96d7e49c2",
          "Evaluate same c57dd1f0c579",
          "Finetune different 709970fb2c87",
          "Evaluate different 955884b4b50e");

  private TinySpec() {}
}
