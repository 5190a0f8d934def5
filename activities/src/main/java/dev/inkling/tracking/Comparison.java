package dev.inkling.tracking;

import dev.inkling.report.Statistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Several experiments beside each other.
 *
 * @param experiments their ids; differences are against the first one
 * @param specs where their specs differ
 * @param results the conditions and metrics that several of them have
 */
public record Comparison(
    List<String> experiments, List<SpecDifference> specs, List<Result> results) {
  public Comparison {
    experiments = List.copyOf(experiments);
    specs = List.copyOf(specs);
    results = List.copyOf(results);
  }

  /**
   * A condition under a metric.
   *
   * @param values what it came to in each experiment
   * @param differences of the later ones to the first, where both have it
   */
  public record Result(
      String condition,
      String metric,
      List<Optional<Listed.Line>> values,
      List<Difference> differences) {
    public Result {
      values = List.copyOf(values);
      differences = List.copyOf(differences);
    }
  }

  /** How a difference was tested. */
  public enum Test {
    /** Unit by unit: both measured the same ones. */
    PAIRED,
    /** As two samples: Welch's t test. */
    WELCH,
    /** Not at all: what the means are over differs, or is not in the store any more. */
    NONE
  }

  /**
   * How much larger a mean is than that of the first experiment.
   *
   * @param experiment the later one
   * @param unit what the means are over: models, questions or seeds
   * @param pairs how many there are, if it is paired
   * @param low and high: the ends of the 95 % interval
   * @param p corrected after Holm over all differences of the comparison
   */
  public record Difference(
      String experiment,
      Test test,
      String unit,
      int pairs,
      OptionalDouble difference,
      OptionalDouble low,
      OptionalDouble high,
      OptionalDouble p,
      OptionalDouble pUncorrected) {
    private Difference corrected(double corrected) {
      return new Difference(
          experiment, test, unit, pairs, difference, low, high, number(corrected), pUncorrected);
    }
  }

  /** Compares two experiments or more. */
  public static Comparison of(List<Tracked> experiments) {
    List<Result> results = new ArrayList<>();
    Set<List<String>> bars = new LinkedHashSet<>();
    experiments.forEach(
        e -> e.outcomes().forEach(o -> bars.add(List.of(o.line().condition(), o.line().metric()))));
    for (List<String> bar : bars) {
      Map<String, Tracked.Outcome> found = new LinkedHashMap<>();
      for (Tracked experiment : experiments) {
        experiment.outcomes().stream()
            .filter(o -> List.of(o.line().condition(), o.line().metric()).equals(bar))
            .findFirst()
            .ifPresent(o -> found.put(experiment.experiment(), o));
      }
      if (found.size() > 1) {
        results.add(result(experiments, bar, found));
      }
    }
    return new Comparison(
        experiments.stream().map(Tracked::experiment).toList(),
        SpecDifference.among(experiments.stream().map(Tracked::spec).toList()),
        corrected(results));
  }

  private static Result result(
      List<Tracked> experiments, List<String> bar, Map<String, Tracked.Outcome> found) {
    List<Difference> differences = new ArrayList<>();
    Tracked.Outcome first = found.get(experiments.getFirst().experiment());
    for (Tracked experiment : experiments.subList(1, experiments.size())) {
      Tracked.Outcome later = found.get(experiment.experiment());
      if (first != null && later != null) {
        differences.add(difference(experiment.experiment(), later, first));
      }
    }
    List<Optional<Listed.Line>> values =
        experiments.stream()
            .map(e -> Optional.ofNullable(found.get(e.experiment())).map(Tracked.Outcome::line))
            .toList();
    return new Result(bar.getFirst(), bar.getLast(), values, differences);
  }

  private static Difference difference(
      String experiment, Tracked.Outcome later, Tracked.Outcome first) {
    if (later.measured().isEmpty()
        || first.measured().isEmpty()
        || !later.measured().get().unit().equals(first.measured().get().unit())) {
      OptionalDouble difference =
          later.line().mean().isPresent() && first.line().mean().isPresent()
              ? OptionalDouble.of(
                  later.line().mean().getAsDouble() - first.line().mean().getAsDouble())
              : OptionalDouble.empty();
      return new Difference(
          experiment,
          Test.NONE,
          "",
          0,
          difference,
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty());
    }
    String unit = later.measured().get().unit();
    if (later.units().equals(first.units())) {
      double[] pairs = later.measured().get().differences(first.measured().get());
      Statistics.Interval i = Statistics.t(pairs);
      return tested(
          experiment, Test.PAIRED, unit, i.n(), i.mean(), i.low(), i.high(), Statistics.p(pairs));
    }
    Statistics.Difference welch =
        Statistics.welch(later.measured().get().numbers(), first.measured().get().numbers());
    return tested(
        experiment, Test.WELCH, unit, 0, welch.mean(), welch.low(), welch.high(), welch.p());
  }

  private static Difference tested(
      String experiment,
      Test test,
      String unit,
      int pairs,
      double difference,
      double low,
      double high,
      double p) {
    return new Difference(
        experiment,
        test,
        unit,
        pairs,
        number(difference),
        number(low),
        number(high),
        number(p),
        number(p));
  }

  private static OptionalDouble number(double value) {
    return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** Holm's correction over all differences together. */
  private static List<Result> corrected(List<Result> results) {
    double[] corrected =
        Statistics.holm(
            results.stream()
                .flatMap(r -> r.differences().stream())
                .mapToDouble(d -> d.pUncorrected().orElse(Double.NaN))
                .toArray());
    List<Result> all = new ArrayList<>();
    int from = 0;
    for (Result result : results) {
      List<Difference> differences = result.differences();
      int start = from;
      all.add(
          new Result(
              result.condition(),
              result.metric(),
              result.values(),
              IntStream.range(0, differences.size())
                  .mapToObj(i -> differences.get(i).corrected(corrected[start + i]))
                  .toList()));
      from += differences.size();
    }
    return all;
  }

  /** How many differences were tested, over which the p-values are corrected. */
  public long tested() {
    return results.stream()
        .flatMap(r -> r.differences().stream())
        .filter(d -> d.pUncorrected().isPresent())
        .count();
  }
}
