package dev.inkling.tracking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Answers questions over one connection. */
final class Reading {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Connection connection;

  Reading(Connection connection) {
    this.connection = connection;
  }

  /** What one row of an answer is. */
  interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  /** The rows that a question gives. */
  <T> List<T> ask(String sql, List<Object> values, Row<T> row) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.size(); i++) {
        statement.setObject(i + 1, values.get(i));
      }
      List<T> rows = new ArrayList<>();
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          rows.add(row.of(found));
        }
      }
      return rows;
    }
  }

  /** The version of the tables, once everything is in them. */
  Optional<String> version() throws SQLException {
    return ask("select version from build", List.of(), row -> row.getString(1)).stream()
        .findFirst();
  }

  List<String> ids() throws SQLException {
    return ask("select id from experiments order by id", List.of(), row -> row.getString(1));
  }

  List<Listed> list(Filter filter) throws SQLException {
    Map<String, List<Long>> seeds = new LinkedHashMap<>();
    ask(
        "select distinct experiment, seed from trials order by experiment, seed",
        List.of(),
        row -> seeds.computeIfAbsent(row.getString(1), _ -> new ArrayList<>()).add(row.getLong(2)));
    Map<String, List<Listed.Line>> lines = new LinkedHashMap<>();
    if (filter.ofConditions()) {
      ask(
          "select r.condition, r.metric, r.n, r.mean, r.low, r.high, e.id from results r"
              + " join experiments e on e.id = r.experiment where "
              + filter.sql()
              + " order by r.experiment, r.position",
          filter.values(),
          row -> lines.computeIfAbsent(row.getString(7), _ -> new ArrayList<>()).add(line(row)));
    }
    String which = filter.ofConditions() ? "1 = 1" : filter.sql();
    List<Listed> found =
        new ArrayList<>(
            ask(
                "select e.id, e.name, e.question, e.preset, e.state, e.stages, e.stages_done,"
                    + " (select count(distinct r.condition) from results r where r.experiment = e.id),"
                    + " e.tokens, e.usd, e.made from experiments e where "
                    + which
                    + " order by e.id",
                filter.ofConditions() ? List.of() : filter.values(),
                row -> listed(row, seeds, lines)));
    if (filter.ofConditions()) {
      found.removeIf(e -> e.lines().isEmpty());
    }
    // Nothing made yet is the newest of all; ids, in which they are already, where times are equal.
    found.sort(Comparator.comparing((Listed e) -> e.made().orElse("~")).reversed());
    return found;
  }

  private static Listed listed(
      ResultSet row, Map<String, List<Long>> seeds, Map<String, List<Listed.Line>> lines)
      throws SQLException {
    String id = row.getString(1);
    return new Listed(
        id,
        row.getString(2),
        row.getString(3),
        Optional.ofNullable(row.getString(4)),
        row.getString(5),
        row.getLong(6),
        row.getLong(7),
        row.getLong(8),
        seeds.getOrDefault(id, List.of()),
        row.getLong(9),
        number(row, 10),
        Optional.ofNullable(row.getString(11)),
        lines.getOrDefault(id, List.of()));
  }

  /** The first six columns: condition, metric, n, mean and interval. */
  static Listed.Line line(ResultSet row) throws SQLException {
    OptionalDouble n = number(row, 3);
    return new Listed.Line(
        row.getString(1),
        row.getString(2),
        n.isPresent() ? OptionalLong.of(row.getLong(3)) : OptionalLong.empty(),
        number(row, 4),
        number(row, 5),
        number(row, 6));
  }

  static OptionalDouble number(ResultSet row, int column) throws SQLException {
    double value = row.getDouble(column);
    return row.wasNull() ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  Tracked experiment(String id) throws SQLException {
    String spec =
        ask("select spec from experiments where id = ?", List.of(id), row -> row.getString(1))
            .stream()
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("There is no experiment '" + id + "'"));
    List<Listed.Line> lines =
        ask(
            "select condition, metric, n, mean, low, high from results"
                + " where experiment = ? and n is not null order by position",
            List.of(id),
            Reading::line);
    List<Tracked.Outcome> outcomes = new ArrayList<>();
    for (Listed.Line line : lines) {
      outcomes.add(Units.of(this, id, line));
    }
    try {
      return new Tracked(id, JSON.readTree(spec), outcomes);
    } catch (JsonProcessingException e) {
      throw new SQLException("the spec of " + id + " is no JSON", e);
    }
  }
}
