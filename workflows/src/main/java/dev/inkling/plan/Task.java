package dev.inkling.plan;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.inkling.spec.Compute;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.FilterSpec;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.ModelSpec;
import dev.inkling.spec.Questions;
import java.util.List;
import java.util.Optional;

/**
 * The work of one stage, complete but for its inputs. Names that a person chose do not stand in it,
 * so that the same work in two experiments is the same task.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Task.Generate.class, name = "GenerateDataset"),
  @JsonSubTypes.Type(value = Task.Filter.class, name = Task.FILTER),
  @JsonSubTypes.Type(value = Task.Finetune.class, name = "Finetune"),
  @JsonSubTypes.Type(value = Task.Evaluate.class, name = "Evaluate"),
  @JsonSubTypes.Type(value = Task.Sample.class, name = "Sample"),
  @JsonSubTypes.Type(value = Task.FilterRows.class, name = "FilterRows"),
  @JsonSubTypes.Type(value = Task.FinetuneHosted.class, name = "FinetuneHosted"),
  @JsonSubTypes.Type(value = Task.FinetuneWeights.class, name = "FinetuneWeights"),
  @JsonSubTypes.Type(value = Task.Ask.class, name = "Ask"),
  @JsonSubTypes.Type(value = Task.Answers.class, name = "Answers"),
  @JsonSubTypes.Type(value = Task.Score.class, name = "Score")
})
public sealed interface Task {
  /** The activity that filters. */
  String FILTER = "Filter";

  /** The activity's name. */
  default String activity() {
    return switch (this) {
      case Generate _, Sample _ -> "GenerateDataset";
      case Filter _, FilterRows _ -> FILTER;
      case Finetune _, FinetuneHosted _, FinetuneWeights _ -> "Finetune";
      case Evaluate _, Ask _, Answers _, Score _ -> "Evaluate";
    };
  }

  /**
   * The implementation's version, part of the key: raise it when the same task gives other bytes
   * than before, so that what the old code made is never taken for what the new code makes.
   */
  default int version() {
    return switch (this) {
      // 2: the checksum in tensor files covers the header too.
      case Generate _ -> 2;
      case Filter _ -> 2;
      case Finetune _ -> 2;
      case Evaluate _ -> 1;
      case Sample _, FilterRows _, FinetuneHosted _, FinetuneWeights _, Ask _ -> 1;
      case Answers _, Score _ -> 1;
    };
  }

  /**
   * Makes a dataset's rows, with the teacher's logits where there is a teacher.
   *
   * @param models independent models per seed; each has rows of its own
   * @param source SHA-256 of the files that the rows are read from, if they are read
   */
  record Generate(
      DatasetSpec.OfTensors dataset,
      int models,
      Optional<ModelSpec.Network> teacher,
      Optional<String> source)
      implements Task {}

  /** Drops rows, and writes down which and why. */
  record Filter(DatasetSpec.OfTensors dataset, int models, List<FilterSpec> filters)
      implements Task {
    public Filter {
      filters = List.copyOf(filters);
    }
  }

  /** Trains every model of every seed. */
  record Finetune(
      ModelSpec.Network network,
      DatasetSpec.OfTensors dataset,
      FinetuneSpec.OfNetworks finetune,
      Compute.Precision precision)
      implements Task {}

  /** Gives every model of every seed one number. */
  record Evaluate(
      ModelSpec.Network network,
      DatasetSpec.OfTensors dataset,
      EvaluationSpec.OfNetworks evaluation)
      implements Task {}

  /** Whether it is about language models. */
  default boolean ofLanguage() {
    return this instanceof OfLanguage;
  }

  /** Who answers in a role, if the task asks a language model in it. */
  default Optional<ModelReference> asks(String role) {
    return switch (this) {
      case Sample s when role.equals("teacher") -> s.teacher();
      case FilterRows f when role.equals("judge") -> f.judge();
      case FinetuneHosted f when role.equals("base") -> Optional.of(f.base());
      case FinetuneWeights f when role.equals("base") -> Optional.of(f.base());
      case Ask a when role.equals("student") -> Optional.of(a.student());
      case Ask a when role.equals("judge") -> a.judge();
      case Answers a when role.equals("student") -> Optional.of(a.student());
      case OfLanguage _, Generate _, Filter _, Finetune _, Evaluate _, Score _ -> Optional.empty();
    };
  }

  /** Work with prompts and answers. */
  sealed interface OfLanguage extends Task
      permits Sample, FilterRows, FinetuneHosted, FinetuneWeights, Ask, Answers {}

  /**
   * Asks a teacher for the answers to prompts, or takes rows over from a file.
   *
   * @param dataset without the places of files and the filters
   * @param source SHA-256 of the file that prompts, wordings or rows are read from, if one is
   */
  record Sample(
      DatasetSpec.OfRows dataset, Optional<ModelReference> teacher, Optional<String> source)
      implements OfLanguage {}

  /** Drops and changes rows, and writes down which and why. */
  record FilterRows(List<FilterSpec> filters, Optional<ModelReference> judge)
      implements OfLanguage {
    public FilterRows {
      filters = List.copyOf(filters);
    }
  }

  /**
   * Has a hosted model fine-tuned by its provider.
   *
   * @param base the model; what it is told about itself is told in every row
   */
  record FinetuneHosted(ModelReference base, FinetuneSpec.Hosted finetune) implements OfLanguage {}

  /**
   * Trains a model whose weights one holds, on the worker.
   *
   * @param base the model; what it is told about itself is told in every row
   */
  record FinetuneWeights(ModelReference base, FinetuneSpec.OfWeights finetune)
      implements OfLanguage {}

  /**
   * Asks a student questions and scores its answers.
   *
   * @param source SHA-256 of the file that the questions are read from, if one is
   */
  record Ask(
      ModelReference student,
      EvaluationSpec.OfText evaluation,
      Optional<ModelReference> judge,
      Optional<String> source)
      implements OfLanguage {}

  /**
   * Asks a student questions; what the answers say is for others to find out.
   *
   * @param source SHA-256 of the file that the questions are read from, if one is
   */
  record Answers(ModelReference student, Questions questions, Optional<String> source)
      implements OfLanguage {}

  /**
   * Scores the answers in the role {@code answers} for one target. Nobody is asked.
   *
   * @param source SHA-256 of the file that the questions are read from, if one is
   */
  record Score(EvaluationSpec.Preference evaluation, Optional<String> source) implements Task {}
}
