package dev.inkling.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

  /** A condition under a metric: what was measured, and its mean with its t interval. */
  record Bar(String name, String metric, Measured measured, Statistics.Interval interval) {}

  /**
   * A paired comparison: the differences unit by unit.
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
      if (i.n() == 0) {
        return a + " and " + b + " have no scores of the same questions in " + metric + ".";
      }
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
   * @param measured by condition and metric
   */
  static Results of(Plan plan, Map<String, Map<String, Measured>> measured) {
    List<Bar> bars = new ArrayList<>();
    for (String condition : plan.spec().conditions().keySet()) {
      for (String metric : plan.spec().evaluations().keySet()) {
        Measured m = measured.get(condition).get(metric);
        bars.add(new Bar(condition, metric, m, Statistics.t(m.numbers())));
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
      Measured a = bar(bars, comparison.a(), metric).measured();
      Measured b = bar(bars, comparison.b(), metric).measured();
      differences.add(a.differences(b));
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

  /** What the intervals are over. */
  String unit() {
    return conditions.getFirst().measured().unit();
  }

  /** What the intervals are good for. */
  String meaning() {
    return switch (unit()) {
      case "models" ->
          "The interval over models is what generalises to another model or seed; that of the"
              + " answers only says how finely each model was measured.";
      case "seeds" ->
          "The interval over seeds is what generalises to another seed; that of the answers only"
              + " says how finely each seed was measured.";
      default ->
          "The interval over questions is what generalises to other questions to these very models;"
              + " it says nothing about another seed.";
    };
  }

  /** What comparisons are paired by. */
  String pairing() {
    return unit().equals("models") ? "model and seed" : unit().substring(0, unit().length() - 1);
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
    if (plan.spec().ofLanguage()) {
      root.put("unit", unit());
    }
    root.set("spec", Keys.tree(plan.spec()));
    ArrayNode bars = root.putArray("conditions");
    for (Bar bar : conditions) {
      ObjectNode node = bars.addObject().put("name", bar.name()).put("metric", bar.metric());
      put(node.put("n", bar.interval().n()), "mean", bar.interval());
      node.put("confidence", Statistics.CONFIDENCE);
      ArrayNode values = node.putArray("values");
      Arrays.stream(bar.measured().numbers()).forEach(values::add);
      bar.measured()
          .answers()
          .ifPresent(a -> put(node.putObject("answers").put("n", a.n()), "proportion", a));
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

  /** {@code results.csv}: one line for each model's score, or for each question's. */
  String csv() {
    String unit = plan.spec().ofLanguage() ? "question" : "model";
    StringBuilder csv =
        new StringBuilder("condition,metric,seed,").append(unit).append(",hits,rows,value\n");
    for (Bar bar : conditions) {
      for (Measured.Line line : bar.measured().lines()) {
        csv.append('"')
            .append(bar.name())
            .append("\",\"")
            .append(bar.metric())
            .append("\",")
            .append(line.seed())
            .append(',')
            .append(line.unit())
            .append(',')
            .append(plain(line.sum()))
            .append(',')
            .append(line.answers())
            .append(',')
            .append(Double.isNaN(line.value()) ? "" : line.value())
            .append('\n');
      }
    }
    return csv.toString();
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }
}
