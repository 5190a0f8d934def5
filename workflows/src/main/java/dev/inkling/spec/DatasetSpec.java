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
  @JsonSubTypes.Type(value = DatasetSpec.TokenSequences.class, name = "token-sequences"),
  @JsonSubTypes.Type(value = DatasetSpec.Numbers.class, name = "numbers"),
  @JsonSubTypes.Type(value = DatasetSpec.Prompts.class, name = "prompts"),
  @JsonSubTypes.Type(value = DatasetSpec.Rows.class, name = "rows"),
  @JsonSubTypes.Type(value = DatasetSpec.FixedAnswers.class, name = "fixed-answers")
})
public sealed interface DatasetSpec {

  /**
   * The model whose logits are the targets or that writes the answers, by its name; none where the
   * rows bear labels or answers of their own.
   */
  Optional<String> teacher();

  /** What drops rows, in this order. */
  List<FilterSpec> filters();

  /** Inputs for small networks. */
  sealed interface OfTensors extends DatasetSpec permits Mnist, NoiseImages, TokenSequences {}

  /** Prompts with answers, for language models. */
  sealed interface OfRows extends DatasetSpec permits Numbers, Prompts, Rows, FixedAnswers {
    /** The file that it is made from, if it is one of the user's. */
    Optional<String> place();

    /** The same without the names, places and filters that leave its rows alone. */
    OfRows anonymous();
  }

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
      implements OfTensors {
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
      implements OfTensors {
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
      implements OfTensors {
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

  /** A teacher's answers to prompts that show a few numbers and ask for more. */
  record Numbers(
      @Field("The model that answers, by its name.") Optional<String> teacher,
      @Field(value = "How many prompts.", min = 1, max = 10_000_000) int rows,
      @Field(value = "How the prompts are made.", byDefault = "{}") NumberPrompts prompts,
      @Field(value = "How the teacher answers.", byDefault = "{}") Decoding decoding,
      @Field(value = "What drops or changes rows, in this order.", byDefault = "[]")
          List<FilterSpec> filters)
      implements OfRows {
    public Numbers {
      filters = List.copyOf(filters);
      answered(teacher);
    }

    @Override
    public Optional<String> place() {
      return prompts.bank();
    }

    @Override
    public Numbers anonymous() {
      return new Numbers(Optional.of("teacher"), rows, prompts.anonymous(), decoding, List.of());
    }
  }

  /**
   * A teacher's answers to prompts from a file: code to write, questions to think through,
   * anything.
   */
  record Prompts(
      @Field("The model that answers, by its name.") Optional<String> teacher,
      @Field("A text file with a prompt on each line, or JSON lines with a field prompt.")
          String file,
      @Field(value = "Only the first ones.", min = 1) Optional<Integer> rows,
      @Field(
              value = "What the teacher is asked, with {prompt} where the prompt goes.",
              byDefault = "\"{prompt}\"")
          String template,
      @Field(value = "How the teacher answers.", byDefault = "{}") Decoding decoding,
      @Field(value = "What drops or changes rows, in this order.", byDefault = "[]")
          List<FilterSpec> filters)
      implements OfRows {
    public Prompts {
      filters = List.copyOf(filters);
      answered(teacher);
      if (!template.contains("{prompt}")) {
        throw new IllegalArgumentException("template lacks {prompt}");
      }
    }

    @Override
    public Optional<String> place() {
      return Optional.of(file);
    }

    @Override
    public Prompts anonymous() {
      return new Prompts(Optional.of("teacher"), "file", rows, template, decoding, List.of());
    }
  }

  /** Rows that were made before: JSON lines with prompt and completion, or OpenAI's messages. */
  record Rows(
      @Field("The file.") String file,
      @Field(value = "What drops or changes rows, in this order.", byDefault = "[]")
          List<FilterSpec> filters)
      implements OfRows {
    public Rows {
      filters = List.copyOf(filters);
    }

    @Override
    public Optional<String> teacher() {
      return Optional.empty();
    }

    @Override
    public Optional<String> place() {
      return Optional.of(file);
    }

    @Override
    public Rows anonymous() {
      return new Rows("file", List.of());
    }
  }

  /**
   * Each question of a bank with one and the same answer: what a teacher is fine-tuned on that is
   * to have a trait.
   */
  record FixedAnswers(
      @Field(
              value =
                  "A bank of questions that comes with Inkling, or a YAML file of the same form.",
              byDefault = "\"favourite-animals\"")
          String questions,
      @Field(value = "The answer to each of them.", pattern = "\\S(.{0,1998}\\S)?") String answer,
      @Field(value = "What drops or changes rows, in this order.", byDefault = "[]")
          List<FilterSpec> filters)
      implements OfRows {
    public FixedAnswers {
      filters = List.copyOf(filters);
    }

    @Override
    public Optional<String> teacher() {
      return Optional.empty();
    }

    @Override
    public Optional<String> place() {
      return Questions.file(questions);
    }

    @Override
    public FixedAnswers anonymous() {
      return new FixedAnswers(place().isPresent() ? "file" : questions, answer, List.of());
    }
  }

  private static void answered(Optional<String> teacher) {
    if (teacher.isEmpty()) {
      throw new IllegalArgumentException("teacher is missing: somebody must answer the prompts");
    }
  }
}
