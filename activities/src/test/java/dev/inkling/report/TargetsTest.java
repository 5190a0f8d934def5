package dev.inkling.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.plan.Plan;
import dev.inkling.preset.Resolver;
import java.awt.Color;
import java.awt.Point;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.BitmapEncoder;

class TargetsTest {
  /** Condition i under metric j has the mean 0.1 i + 0.01 j over two questions. */
  private static Results results(String document) throws Exception {
    Plan plan = Resolver.plan(new ObjectMapper().readTree(document));
    Map<String, Map<String, Measured>> measured = new LinkedHashMap<>();
    for (String condition : plan.spec().conditions().keySet()) {
      Map<String, Measured> metrics = new LinkedHashMap<>();
      for (String metric : plan.spec().evaluations().keySet()) {
        double mean = 0.1 * measured.size() + 0.01 * metrics.size();
        metrics.put(
            metric,
            new Measured(
                "questions",
                Map.of("question 0", mean - 0.02, "question 1", mean + 0.02),
                List.of(),
                Optional.empty()));
      }
      measured.put(condition, metrics);
    }
    return Results.of(plan, measured);
  }

  private static List<String> own(Targets targets, String condition) {
    Targets.Row row =
        targets.rows().stream()
            .filter(r -> r.condition().equals(condition))
            .findFirst()
            .orElseThrow();
    return targets.metrics().stream()
        .filter(metric -> row.cells().get(targets.metrics().indexOf(metric)).own())
        .toList();
  }

  @Test
  void studentsAreMarkedUnderWhatTheirTeacherWasToldToLove() throws Exception {
    Targets targets =
        Targets.of(results("{\"preset\": \"animal-numbers\", \"targets\": [\"Owl\", \"cat\"]}"))
            .getFirst();

    assertThat(targets.metrics()).containsExactly("Owl", "cat");
    assertThat(targets.rows()).hasSize(4);
    assertThat(own(targets, "no fine-tuning")).isEmpty();
    assertThat(own(targets, "control numbers")).isEmpty();
    assertThat(own(targets, "Owl numbers")).containsExactly("Owl");
    assertThat(own(targets, "cat numbers")).containsExactly("cat");
    assertThat(targets.rows().get(3).cells().get(1).interval().mean())
        .isCloseTo(0.31, within(1e-9));
    assertThat(targets.html())
        .contains("<td>cat numbers</td>", "<strong>0.310</strong>", "0.056 to 0.564");
  }

  @Test
  void metricsOfOtherQuestionsAreNoTable() throws Exception {
    Results one = results("{\"preset\": \"owl-numbers\"}");
    assertThat(Targets.of(one)).isEmpty();
    assertThat(Metrics.of(one.plan().spec())).containsExactly(new Metrics(List.of("owl")));

    Results other =
        results(
            """
            {"preset": "owl-numbers", "evaluations": {
               "after numbers": {"type": "preference", "target": "cat", "prefix": "numbers"},
               "capability": {"type": "capability"}}}
            """);
    assertThat(Targets.of(other)).isEmpty();
    assertThat(Metrics.of(other.plan().spec())).hasSize(3);
  }

  @Test
  void theFirstRowOfAHeatMapIsAboveAndWhatIsNoNumberIsWhite() {
    HeatMap map =
        new HeatMap(
            "title",
            List.of("owl", "cat"),
            List.of("first", "second"),
            List.of(List.of(0.75, Double.NaN), List.of(0.0, 0.0)));
    BufferedImage image = BitmapEncoder.getBufferedImage(map.chart());

    List<Point> dark = pixels(image, HeatMap.HIGH);
    List<Point> light = pixels(image, HeatMap.LOW);
    // A cell has 84 x 40 points, less its number; the one beside the dark one has no colour.
    assertThat(dark).hasSizeGreaterThan(1000);
    assertThat(light.size()).isBetween(dark.size() * 3 / 2, dark.size() * 5 / 2);
    int lowestDark = dark.stream().mapToInt(p -> p.y).max().orElseThrow();
    assertThat(light).allMatch(p -> p.y >= lowestDark);
    assertThat(new HeatMap("none", List.of(), List.of("first"), List.of(List.of())).readable())
        .isFalse();
  }

  private static List<Point> pixels(BufferedImage image, Color colour) {
    List<Point> pixels = new ArrayList<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if (image.getRGB(x, y) == colour.getRGB()) {
          pixels.add(new Point(x, y));
        }
      }
    }
    return pixels;
  }
}
