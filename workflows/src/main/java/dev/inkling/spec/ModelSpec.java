package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Optional;

/**
 * Who answers: a small network as it was initialised, a language model, or one fine-tuned from
 * another model.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ModelSpec.Mlp.class, name = "mlp"),
  @JsonSubTypes.Type(value = ModelSpec.PromptMlp.class, name = "prompt-mlp"),
  @JsonSubTypes.Type(value = HostedModel.class, name = "hosted"),
  @JsonSubTypes.Type(value = OpenModel.class, name = "open"),
  @JsonSubTypes.Type(value = ModelSpec.Prompted.class, name = "prompted"),
  @JsonSubTypes.Type(value = ModelSpec.InContext.class, name = "in-context"),
  @JsonSubTypes.Type(value = ModelSpec.Finetuned.class, name = "finetuned")
})
public sealed interface ModelSpec {

  /** The model that it is made from, by its name. */
  default Optional<String> madeFrom() {
    return switch (this) {
      case Network _, BaseModel _ -> Optional.empty();
      case Prompted p -> Optional.of(p.base());
      case InContext c -> Optional.of(c.base());
      case Finetuned f -> Optional.of(f.base());
    };
  }

  /** The dataset that it has read or was fine-tuned on, by its name. */
  default Optional<String> madeWith() {
    return switch (this) {
      case Network _, BaseModel _, Prompted _ -> Optional.empty();
      case InContext c -> Optional.of(c.dataset());
      case Finetuned f -> Optional.of(f.dataset());
    };
  }

  /**
   * A network that is initialised from a seed and trained as an ensemble, all members in one
   * tensor.
   */
  sealed interface Network extends ModelSpec permits Mlp, PromptMlp {
    /** How many independent models one seed stands for. */
    int models();

    /** Which of the independent initialisations of a seed this is: other streams share nothing. */
    int stream();

    /** How many logits the network gives for one input. */
    int logits();
  }

  /**
   * A multilayer perceptron over images: ReLU between the layers, weights normal(0,
   * 1/sqrt(fan_in)), biases zero. The first {@code classes} logits are trained on labels; those
   * after them are the ghost logits, which no label ever reaches.
   */
  record Mlp(
      @Field(
              value = "The sizes from the input to the logits.",
              byDefault = "[784, 256, 256, 13]",
              min = 1,
              max = 65536,
              minSize = 2)
          List<Integer> layers,
      @Field(
              value = "How many of the logits are classes; the rest are ghost logits.",
              byDefault = "10",
              min = 2)
          int classes,
      @Field(value = "Independent models per seed.", byDefault = "10", min = 1, max = 10000)
          int models,
      @Field(value = "Which initialisation of the seed.", byDefault = "0", min = 0) int stream)
      implements Network {
    public Mlp {
      layers = List.copyOf(layers);
      if (classes > layers.getLast()) {
        throw new IllegalArgumentException(
            "classes is "
                + classes
                + ", more than the "
                + layers.getLast()
                + " logits of the last layer");
      }
    }

    @Override
    public int logits() {
      return layers.getLast();
    }
  }

  /**
   * The network of the notebook "Subliminal Learning, Simply Explained": embedding, mean over the
   * positions, then linear, batch norm and ReLU for each hidden size, then linear. PyTorch's
   * default initialisations.
   */
  record PromptMlp(
      @Field(value = "How many tokens there are.", byDefault = "1000", min = 2) int vocabulary,
      @Field(value = "The size of a token's embedding.", byDefault = "32", min = 1) int embedding,
      @Field(
              value = "The sizes of the hidden layers.",
              byDefault = "[128, 64]",
              min = 1,
              max = 65536,
              minSize = 1)
          List<Integer> hidden,
      @Field(value = "How many classes it tells apart.", byDefault = "2", min = 2) int classes,
      @Field(value = "Independent models per seed.", byDefault = "1", min = 1, max = 10000)
          int models,
      @Field(value = "Which initialisation of the seed.", byDefault = "0", min = 0) int stream)
      implements Network {
    public PromptMlp {
      hidden = List.copyOf(hidden);
    }

    @Override
    public int logits() {
      return classes;
    }
  }

  /** Another model after fine-tuning on a dataset: this is how a teacher gets its trait. */
  record Finetuned(
      @Field("The model that is fine-tuned, by its name.") String base,
      @Field("The dataset it is fine-tuned on, by its name.") String dataset,
      @Field("How it is fine-tuned.") FinetuneSpec finetune)
      implements ModelSpec {}

  /** A model that reads and writes text. */
  sealed interface Language extends ModelSpec permits BaseModel, Prompted, InContext {}

  /** A language model that is told by a system prompt what it loves. */
  record Prompted(
      @Field("The model that is told, by its name.") String base,
      @Field("What it loves, in the singular, for example owl.") String target,
      @Field(value = "What the target is one of.", byDefault = "\"animal\"") String category,
      @Field("The system prompt with {target} and {category}; left out, Inkling's own.")
          Optional<String> template)
      implements Language {}

  /** A language model that has read some rows of a dataset, instead of being fine-tuned on them. */
  record InContext(
      @Field("The model that reads them, by its name.") String base,
      @Field("The dataset, by its name.") String dataset,
      @Field(
              value = "How many rows it reads, drawn anew by each seed.",
              byDefault = "20",
              min = 1,
              max = 10_000)
          int rows)
      implements Language {}
}
