package dev.inkling.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.evaluate.Scores;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.spec.Comparison;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * An experiment's numbers: a pure function of the plan and the scores, so the same artifacts always
 * give the same bytes.
 *
 * @param conditions every condition under every metric, in the order of the spec
 * @param comparisons every comparison under every metric
 */
record Results(Plan plan, List<Bar> conditions, List<Contrast> comparisons) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A condition under a metric: the models' values, their mean with its t interval, and the answers
   * behind them.
   */
  record Bar(String name, String metric, Scores scores, Statistics.Interval interval) {
    /**
     * All models' answers thrown together; the models differ, so this says less than the interval
     * over models.
     */
    Statistics.Interval answers() {
      long hits = scores.scores().stream().mapToLong(Scores.Score::hits).sum();
      return Statistics.wilson(hits, (long) scores.rows() * scores.scores().size());
    }
  }

  /**
   * A paired comparison: the differences model by model.
   *
   * @param p Student's, corrected after Holm over the comparisons under the same metric
   */
  record Contrast(
      String a,
      String b,
      String metric,
      List<Double> differences,
      Statistics.Interval interval,
      double p,
      double rawP) {
    /** The comparison in words. */
    String sentence() {
      Statistics.Interval i = interval;
      if (i.n() < 2) {
        return String.format(
            Locale.ROOT,
            "%s and %s differ by %+.3f in %s, but one pair says nothing about the spread: add seeds.",
            a,
            b,
            i.mean(),
            metric);
      }
      String numbers =
          String.format(
              Locale.ROOT,
              "%+.3f, 95 %% interval %+.3f to %+.3f, p %s, n = %d pairs",
              i.mean(),
              i.low(),
              i.high(),
              p < 0.001 ? "< 0.001" : String.format(Locale.ROOT, "= %.3f", p),
              i.n());
      if (i.excludesZero() && p < 1 - Statistics.CONFIDENCE) {
        return a
            + (i.mean() > 0 ? " is above " : " is below ")
            + b
            + " in "
            + metric
            + ": "
            + numbers
            + ".";
      }
      if (i.excludesZero()) {
        return a
            + " and "
            + b
            + " may differ in "
            + metric
            + " ("
            + numbers
            + "), but not beyond what several comparisons give by chance.";
      }
      String needed =
          Statistics.decidingN(differences.stream().mapToDouble(d -> d).toArray()).stream()
              .mapToObj(n -> String.format(Locale.ROOT, "n = %,d pairs would decide.", n))
              .findFirst()
              .map(n -> " If the difference and the spread stay as they are, " + n)
              .orElse(" No number of pairs would decide at this difference and spread.");
      return "These data do not say whether "
          + a
          + " differs from "
          + b
          + " in "
          + metric
          + ": the interval contains zero ("
          + numbers
          + ")."
          + needed;
    }
  }

  Results {
    conditions = List.copyOf(conditions);
    comparisons = List.copyOf(comparisons);
  }

  /**
   * Computes everything.
   *
   * @param scores by evaluation stage
   */
  static Results of(Plan plan, Map<String, Scores> scores) {
    List<Bar> bars = new ArrayList<>();
    for (String condition : plan.spec().conditions().keySet()) {
      for (String metric : plan.spec().evaluations().keySet()) {
        Scores s =
            plan.trials().stream()
                .filter(t -> t.condition().equals(condition))
                .map(t -> scores.get(t.evaluations().get(metric)))
                .reduce(Scores::and)
                .orElseThrow();
        bars.add(new Bar(condition, metric, s, Statistics.t(s.values())));
      }
    }
    List<Contrast> contrasts = new ArrayList<>();
    for (String metric : plan.spec().evaluations().keySet()) {
      contrasts.addAll(contrasts(plan, metric, bars));
    }
    return new Results(plan, bars, contrasts);
  }

  private static List<Contrast> contrasts(Plan plan, String metric, List<Bar> bars) {
    List<Comparison> asked = plan.spec().comparisons();
    List<double[]> differences = new ArrayList<>();
    for (Comparison comparison : asked) {
      double[] a = bar(bars, comparison.a(), metric).scores().values();
      double[] b = bar(bars, comparison.b(), metric).scores().values();
      differences.add(IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray());
    }
    double[] raw = differences.stream().mapToDouble(Statistics::p).toArray();
    double[] corrected = Statistics.holm(raw);
    return IntStream.range(0, asked.size())
        .mapToObj(
            i ->
                new Contrast(
                    asked.get(i).a(),
                    asked.get(i).b(),
                    metric,
                    Arrays.stream(differences.get(i)).boxed().toList(),
                    Statistics.t(differences.get(i)),
                    corrected[i],
                    raw[i]))
        .toList();
  }

  private static Bar bar(List<Bar> bars, String condition, String metric) {
    return bars.stream()
        .filter(b -> b.name().equals(condition) && b.metric().equals(metric))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no scores of " + condition));
  }

  /** {@code results.json}. */
  ObjectNode json(Map<String, String> versions) {
    ObjectNode root = JSON.createObjectNode();
    root.put("experiment", plan.spec().name());
    root.put("id", plan.id());
    root.put("question", plan.spec().question());
    root.set("spec", Keys.tree(plan.spec()));
    ArrayNode bars = root.putArray("conditions");
    for (Bar bar : conditions) {
      ObjectNode node = bars.addObject().put("name", bar.name()).put("metric", bar.metric());
      put(node.put("n", bar.interval().n()), "mean", bar.interval());
      node.put("confidence", Statistics.CONFIDENCE);
      ArrayNode values = node.putArray("values");
      Arrays.stream(bar.scores().values()).forEach(values::add);
      Statistics.Interval answers = bar.answers();
      put(node.putObject("answers").put("n", answers.n()), "proportion", answers);
    }
    ArrayNode contrasts = root.putArray("comparisons");
    for (Contrast c : comparisons) {
      ObjectNode node =
          contrasts.addObject().put("a", c.a()).put("b", c.b()).put("metric", c.metric());
      put(node.put("paired", true).put("n", c.interval().n()), "difference", c.interval());
      node.set("p", number(c.p()));
      node.set("pUncorrected", number(c.rawP()));
      node.put("sentence", c.sentence());
    }
    ObjectNode provenance = root.putObject("provenance");
    provenance.put("preset", plan.preset().orElse(null));
    provenance.put("correction", "Holm, over the comparisons under one metric");
    new TreeMap<>(versions).forEach(provenance.putObject("versions")::put);
    ArrayNode stages = provenance.putArray("stages");
    for (Stage stage : plan.stages()) {
      ObjectNode node =
          stages.addObject().put("stage", stage.task().activity()).put("name", stage.name());
      node.put("key", stage.key()).put("version", stage.task().version());
      stage.inputs().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(e -> node.withObject("/inputs").put(e.getKey(), e.getValue()));
    }
    return root;
  }

  private static void put(ObjectNode node, String centre, Statistics.Interval interval) {
    node.set(centre, number(interval.mean()));
    node.set("ciLow", number(interval.low()));
    node.set("ciHigh", number(interval.high()));
  }

  /** JSON has no word for what is not a number. */
  private static JsonNode number(double value) {
    return Double.isNaN(value) ? JSON.nullNode() : JSON.getNodeFactory().numberNode(value);
  }

  /** {@code results.csv}: one line for each model's score. */
  String csv() {
    StringBuilder csv = new StringBuilder("condition,metric,seed,model,hits,rows,value\n");
    for (Bar bar : conditions) {
      for (Scores.Score score : bar.scores().scores()) {
        csv.append('"')
            .append(bar.name())
            .append("\",\"")
            .append(bar.metric())
            .append("\",")
            .append(score.seed())
            .append(',')
            .append(score.model())
            .append(',')
            .append(score.hits())
            .append(',')
            .append(bar.scores().rows())
            .append(',')
            .append(score.value())
            .append('\n');
      }
    }
    return csv.toString();
  }
}
