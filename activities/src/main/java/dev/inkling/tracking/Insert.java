package dev.inkling.tracking;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows for one table, written together. */
final class Insert implements AutoCloseable {
  private final PreparedStatement statement;

  private Insert(PreparedStatement statement) {
    this.statement = statement;
  }

  /** Begins; table and columns are our own words. */
  @SuppressWarnings("MustBeClosedChecker") // closed with this object
  static Insert into(Connection connection, String table, String... columns) throws SQLException {
    return new Insert(
        connection.prepareStatement(
            "insert into "
                + table
                + " ("
                + String.join(", ", columns)
                + ") values ("
                + Arrays.stream(columns).map(_ -> "?").collect(Collectors.joining(", "))
                + ")"));
  }

  /**
   * Adds a row.
   *
   * @param values numbers, texts and optional ones; what is not a number becomes null
   */
  void row(@Nullable Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      Object value = values[i] instanceof Optional<?> optional ? optional.orElse(null) : values[i];
      if (value == null || (value instanceof Double d && Double.isNaN(d))) {
        statement.setNull(i + 1, Types.NULL);
      } else {
        statement.setObject(i + 1, value);
      }
    }
    statement.addBatch();
  }

  /** Writes all rows. */
  void write() throws SQLException {
    statement.executeBatch();
  }

  @Override
  public void close() throws SQLException {
    statement.close();
  }
}
