package dev.inkling.tracking;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Every row of every table, as texts. */
final class Dump {
  private static final List<String> TABLES =
      List.of(
          "build",
          "experiments",
          "models",
          "datasets",
          "trials",
          "evaluations",
          "stages",
          "stage_inputs",
          "results",
          "comparisons",
          "artifacts",
          "spend",
          "jobs",
          "scores");

  private Dump() {}

  static Map<String, List<String>> of(Engine engine) throws SQLException {
    Map<String, List<String>> dump = new TreeMap<>();
    try (Connection connection = engine.connect()) {
      for (String table : TABLES) {
        dump.put(table, rows(connection, table));
      }
    }
    return dump;
  }

  private static List<String> rows(Connection connection, String table) throws SQLException {
    return new Reading(connection)
            .ask(
                "select * from " + table,
                List.of(),
                row -> {
                  StringBuilder text = new StringBuilder();
                  for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    text.append(row.getMetaData().getColumnName(i))
                        .append('=')
                        .append(row.getString(i))
                        .append(' ');
                  }
                  return text.toString();
                })
            .stream()
            .sorted()
            .toList();
  }
}
