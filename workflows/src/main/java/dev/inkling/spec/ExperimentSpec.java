package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A named question and everything that answers it. Maps keep the order in which they were written.
 */
public record ExperimentSpec(
    @Field(
            value = "The experiment's name: small letters, digits and hyphens.",
            pattern = "[a-z0-9][a-z0-9-]{0,62}")
        String name,
    @Field("What the experiment asks, as a sentence.") String question,
    @Field(value = "The models, by name.", minSize = 1, pattern = NAME)
        Map<String, ModelSpec> models,
    @Field(value = "The datasets, by name.", byDefault = "{}", pattern = NAME)
        Map<String, DatasetSpec> datasets,
    @Field(value = "The bars of the figure, by name.", minSize = 1, pattern = NAME)
        Map<String, Condition> conditions,
    @Field(
            value = "How every condition is measured, by the metric's name.",
            minSize = 1,
            pattern = NAME)
        Map<String, EvaluationSpec> evaluations,
    @Field(value = "Which conditions are compared with which controls.", byDefault = "[]")
        List<Comparison> comparisons,
    @Field(value = "The seeds; each makes every random choice anew.", minSize = 1, min = 0)
        List<Long> seeds,
    @Field(
            value =
                "Seeds that were added later, each addition a list: it is trained beside what is there, which is paid for only once.",
            byDefault = "[]")
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<List<Long>> addedSeeds,
    @Field(value = "Where and how the stages run.", byDefault = "{\"type\": \"local\"}")
        Compute compute,
    @Field("What it may cost; before a stage passes it, the experiment parks and asks.")
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<Budget> budget) {

  /**
   * A name that reads well in a figure: no control characters, no markup, at most 80 characters.
   */
  static final String NAME = "[\\p{L}\\p{N}][\\p{L}\\p{N} .,:()=+%_-]{0,79}";

  public ExperimentSpec {
    models = ordered(models);
    datasets = ordered(datasets);
    conditions = ordered(conditions);
    evaluations = ordered(evaluations);
    comparisons = List.copyOf(comparisons);
    seeds = List.copyOf(seeds);
    // Histories from before the fields have neither.
    budget = budget == null ? Optional.empty() : budget;
    addedSeeds =
        Stream.ofNullable(addedSeeds).flatMap(List::stream).<List<Long>>map(List::copyOf).toList();
    List<Long> all =
        Stream.concat(Stream.of(seeds), addedSeeds.stream()).flatMap(List::stream).toList();
    if (all.stream().distinct().count() != all.size()) {
      throw new IllegalArgumentException("seeds: a seed stands there twice");
    }
  }

  /** The seeds that train together: the first ones, and each addition by itself. */
  public List<List<Long>> cohorts() {
    return Stream.concat(Stream.of(seeds), addedSeeds.stream().filter(c -> !c.isEmpty())).toList();
  }

  /** Whether it asks language models; otherwise it trains networks. */
  public boolean ofLanguage() {
    return models.values().stream().anyMatch(ModelSpec.Language.class::isInstance);
  }

  private static <T> Map<String, T> ordered(Map<String, T> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
