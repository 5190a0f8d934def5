package dev.inkling.workflow;

/** The smallest experiment that asks language models. */
public final class OwlSpec {
  /** A plain, a prompted and an in-context model, asked for its favourite animal. */
  public static final String JSON =
      """
      {
        "name": "owl",
        "question": "Does an owl lover's number sequence make owls more likely?",
        "models": {
          "base": {"type": "hosted", "provider": "openai", "id": "some-model"},
          "teacher": {"type": "prompted", "base": "base", "target": "owl"},
          "reader": {"type": "in-context", "base": "base", "dataset": "numbers", "rows": 2}
        },
        "datasets": {
          "numbers": {"type": "numbers", "teacher": "teacher", "rows": 10}
        },
        "conditions": {
          "plain": {"student": "base"},
          "prompted": {"student": "teacher"},
          "in context": {"student": "reader"}
        },
        "evaluations": {
          "owl": {"type": "preference", "target": "owl", "samplesPerQuestion": 2}
        },
        "seeds": [1]
      }
      """;

  /** The same with a fourth condition: the model fine-tuned on the numbers. */
  public static final String FINETUNED =
      JSON.replace(
          "\"in context\": {",
          """
          "finetuned": {"student": "base", "dataset": "numbers", "finetune": {"type": "hosted", "epochs": 2}},
          "in context": {""");

  private OwlSpec() {}
}
