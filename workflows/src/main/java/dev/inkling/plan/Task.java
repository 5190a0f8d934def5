package dev.inkling.plan;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.inkling.spec.Compute;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.FilterSpec;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.ModelSpec;
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
  @JsonSubTypes.Type(value = Task.Evaluate.class, name = "Evaluate")
})
public sealed interface Task {
  /** The activity that filters. */
  String FILTER = "Filter";

  /** The activity's name. */
  default String activity() {
    return switch (this) {
      case Generate _ -> "GenerateDataset";
      case Filter _ -> FILTER;
      case Finetune _ -> "Finetune";
      case Evaluate _ -> "Evaluate";
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
    };
  }

  /**
   * Makes a dataset's rows, with the teacher's logits where there is a teacher.
   *
   * @param models independent models per seed; each has rows of its own
   * @param source SHA-256 of the files that the rows are read from, if they are read
   */
  record Generate(
      DatasetSpec dataset, int models, Optional<ModelSpec.Network> teacher, Optional<String> source)
      implements Task {}

  /** Drops rows, and writes down which and why. */
  record Filter(DatasetSpec dataset, int models, List<FilterSpec> filters) implements Task {
    public Filter {
      filters = List.copyOf(filters);
    }
  }

  /** Trains every model of every seed. */
  record Finetune(
      ModelSpec.Network network,
      DatasetSpec dataset,
      FinetuneSpec finetune,
      Compute.Precision precision)
      implements Task {}

  /** Gives every model of every seed one number. */
  record Evaluate(
      ModelSpec.Network network, DatasetSpec dataset, EvaluationSpec.OfNetworks evaluation)
      implements Task {}
}
