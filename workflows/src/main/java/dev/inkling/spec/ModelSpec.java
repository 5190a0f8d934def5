package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** Who answers: a small network as it was initialised, or one fine-tuned from another model. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ModelSpec.Mlp.class, name = "mlp"),
  @JsonSubTypes.Type(value = ModelSpec.PromptMlp.class, name = "prompt-mlp"),
  @JsonSubTypes.Type(value = ModelSpec.Finetuned.class, name = "finetuned")
})
public sealed interface ModelSpec {

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
}
