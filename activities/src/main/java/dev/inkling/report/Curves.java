package dev.inkling.report;

import dev.inkling.artifact.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What fine-tuning has measured at each of its steps, as its artifacts' tables tell. Every artifact
 * has the loss; the others depend on what was trained, where, and by which version.
 */
final class Curves {
  private static final List<String> TABLES = List.of("loss.csv", "metrics.csv", "speed.csv");

  private final Map<String, Map<String, double[]>> columns = new LinkedHashMap<>();

  /** Reads the tables of a fine-tuned condition. */
  void read(String condition, Artifact artifact) throws IOException {
    for (String table : TABLES) {
      if (artifact.manifest().files().containsKey(table)) {
        read(condition, Files.readAllLines(artifact.file(table)));
      }
    }
  }

  private void read(String condition, List<String> lines) {
    String[] names = lines.getFirst().split(",", -1);
    List<String[]> rows = lines.stream().skip(1).map(line -> line.split(",", -1)).toList();
    for (int n = 1; n < names.length && !rows.isEmpty(); n++) {
      int column = n;
      if (rows.stream().anyMatch(row -> row[column].isEmpty())) {
        continue; // a provider measures some things now and then
      }
      columns
          .computeIfAbsent(names[column], _ -> new LinkedHashMap<>())
          .put(condition, rows.stream().mapToDouble(r -> Double.parseDouble(r[column])).toArray());
    }
  }

  /** A column of the tables, by condition; those that do not have it are left out. */
  Map<String, double[]> of(String column) {
    return Collections.unmodifiableMap(columns.getOrDefault(column, Map.of()));
  }
}
