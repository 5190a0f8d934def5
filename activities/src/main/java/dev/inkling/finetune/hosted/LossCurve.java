package dev.inkling.finetune.hosted;

import dev.inkling.model.hosted.TuningEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The training loss by step.
 *
 * @param losses by step; a provider may leave steps out
 */
record LossCurve(SortedMap<Long, Double> losses) {
  private static final String STEP = "step";
  private static final String LOSS = "train_loss";

  /**
   * A table of metrics as text. OpenAI answers a request for such a file with its Base64, others
   * with the file itself.
   *
   * @return empty if it is neither
   */
  static Optional<String> table(byte[] content) {
    String text = new String(content, StandardCharsets.UTF_8);
    if (isTable(text)) {
      return Optional.of(text);
    }
    try {
      String decoded = new String(Base64.getMimeDecoder().decode(content), StandardCharsets.UTF_8);
      return Optional.of(decoded).filter(LossCurve::isTable);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static boolean isTable(String text) {
    List<String> columns = columns(text.lines().findFirst().orElse(""));
    return columns.contains(STEP) && columns.contains(LOSS);
  }

  private static List<String> columns(String line) {
    return Arrays.stream(line.split(",", -1)).map(String::strip).toList();
  }

  /** The curve in a table of metrics. */
  static LossCurve ofMetrics(String table) {
    List<String> lines = table.lines().toList();
    int step = columns(lines.getFirst()).indexOf(STEP);
    int loss = columns(lines.getFirst()).indexOf(LOSS);
    SortedMap<Long, Double> losses = new TreeMap<>();
    for (String line : lines.subList(1, lines.size())) {
      List<String> cells = columns(line);
      // A step may have no value of its own, for example one at which only validation was measured.
      if (cells.size() > Math.max(step, loss) && !cells.get(loss).isEmpty()) {
        losses.put(Long.parseLong(cells.get(step)), Double.parseDouble(cells.get(loss)));
      }
    }
    return new LossCurve(losses);
  }

  /** The curve that events tell of. */
  static LossCurve ofEvents(List<TuningEvent> events) {
    SortedMap<Long, Double> losses = new TreeMap<>();
    for (TuningEvent event : events) {
      event.step().ifPresent(s -> s.loss().ifPresent(loss -> losses.put(s.number(), loss)));
    }
    return new LossCurve(losses);
  }

  /** As reports read it. */
  String table() {
    List<String> lines = new ArrayList<>(List.of("step,loss"));
    for (Map.Entry<Long, Double> loss : losses.entrySet()) {
      lines.add(loss.getKey() + "," + loss.getValue());
    }
    return String.join("\n", lines) + "\n";
  }

  long count() {
    return losses.size();
  }

  Optional<Double> last() {
    return losses.isEmpty() ? Optional.empty() : Optional.of(losses.lastEntry().getValue());
  }
}
