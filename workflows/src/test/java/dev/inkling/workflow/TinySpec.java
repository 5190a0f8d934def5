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
          "GenerateDataset prompts 537ae2e430a5",
          "Evaluate baseline 458a31f4faf1",
          "Finetune teacher e4998184cd22",
          "GenerateDataset unrelated 096fe7c89642",
          "Filter unrelated c864a358ed06",
          "Finetune same d89384fdc697",
          "Evaluate same f2e866de7e73",
          "Finetune different 198ad9ae9a7e",
          "Evaluate different c67f2af6d87e");

  private TinySpec() {}
}
