package dev.inkling.spec;

import java.util.Optional;

/** One bar of the figure: which student is fine-tuned how on which dataset, or not at all. */
public record Condition(
    @Field("The model that is fine-tuned and evaluated, by its name.") String student,
    @Field("The dataset it is fine-tuned on, by its name.") Optional<String> dataset,
    @Field("How it is fine-tuned; without it the student is evaluated as it is.")
        Optional<FinetuneSpec> finetune) {
  public Condition {
    if (dataset.isPresent() != finetune.isPresent()) {
      throw new IllegalArgumentException(
          dataset.isPresent()
              ? "there is a dataset, but finetune is missing"
              : "there is finetune, but the dataset is missing");
    }
  }
}
