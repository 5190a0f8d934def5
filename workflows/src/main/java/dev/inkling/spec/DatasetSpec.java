package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Optional;

/** What students and teachers are trained and evaluated on. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = DatasetSpec.Mnist.class, name = "mnist"),
  @JsonSubTypes.Type(value = DatasetSpec.NoiseImages.class, name = "noise-images"),
  @JsonSubTypes.Type(value = DatasetSpec.TokenSequences.class, name = "token-sequences")
})
public sealed interface DatasetSpec {

  /** The model whose logits are the targets, by its name; none where the rows bear labels. */
  Optional<String> teacher();

  /** What drops rows, in this order. */
  List<FilterSpec> filters();

  /**
   * Handwritten digits, 28 x 28 pixels scaled to [-1, 1], labelled 0 to 9, with a training and a
   * test split.
   */
  record Mnist(
      @Field(
              value = "embedded: 8,000 + 2,000 digits; full: 60,000 + 10,000.",
              byDefault = "\"embedded\"")
          Variant variant,
      @Field("Where MNIST's four IDX files lie (full only); left out, they are downloaded.")
          Optional<String> directory)
      implements DatasetSpec {
    /** Which digits. */
    public enum Variant {
      /** The 10,000 digits that come with Inkling. */
      @JsonProperty("embedded")
      EMBEDDED,
      /** All 70,000. */
      @JsonProperty("full")
      FULL
    }

    public Mnist {
      if (variant == Variant.EMBEDDED && directory.isPresent()) {
        throw new IllegalArgumentException("a directory goes with variant: full only");
      }
    }

    @Override
    public Optional<String> teacher() {
      return Optional.empty();
    }

    @Override
    public List<FilterSpec> filters() {
      return List.of();
    }
  }

  /**
   * Images of uniform noise in [-1, 1], every model its own, with the teacher's logits as targets.
   * The images are made from a counter when they are needed and never stored.
   */
  record NoiseImages(
      @Field("The model whose logits are the targets, by its name.") Optional<String> teacher,
      @Field(value = "How many images for each model.", min = 1, max = 10_000_000) int rows,
      @Field(value = "Which noise of the seed.", byDefault = "0", min = 0) int stream,
      @Field(value = "What drops rows, in this order.", byDefault = "[]") List<FilterSpec> filters)
      implements DatasetSpec {
    public NoiseImages {
      filters = FilterSpec.notOfRows(filters);
      if (teacher.isEmpty()) {
        throw new IllegalArgumentException("teacher is missing: noise has no labels of its own");
      }
    }
  }

  /**
   * Sequences of random tokens, every model its own: uniform, except that each position becomes the
   * marked token with the given probability. The targets are one label for all, or a teacher's
   * logits.
   */
  record TokenSequences(
      @Field(value = "How many sequences for each model.", min = 1, max = 10_000_000) int rows,
      @Field(value = "Tokens in a sequence.", byDefault = "6", min = 1, max = 4096) int length,
      @Field(value = "How many tokens there are.", byDefault = "1000", min = 2) int vocabulary,
      @Field(value = "The token that stands out.", byDefault = "42", min = 0) int markedToken,
      @Field(value = "How probable it is at each position.", byDefault = "0.3", min = 0, max = 1)
          double markedProbability,
      @Field(value = "Which sequences of the seed.", byDefault = "0", min = 0) int stream,
      @Field("The label of every sequence (instead of a teacher).") Optional<Integer> label,
      @Field("The model whose logits are the targets, by its name (instead of a label).")
          Optional<String> teacher,
      @Field(value = "What drops rows, in this order.", byDefault = "[]") List<FilterSpec> filters)
      implements DatasetSpec {
    public TokenSequences {
      filters = FilterSpec.notOfRows(filters);
      if (label.isPresent() == teacher.isPresent()) {
        throw new IllegalArgumentException("give either a label or a teacher");
      }
      if (markedToken >= vocabulary) {
        throw new IllegalArgumentException(
            "markedToken is " + markedToken + ", but the vocabulary ends at " + (vocabulary - 1));
      }
    }
  }
}
