package dev.inkling.tracking;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** A kind of database: where the two differ. Everything else is one SQL. */
sealed interface Engine permits SqliteEngine, PostgresEngine {
  /** Where it is, as people are told. */
  String place();

  /**
   * Waits until nobody else of ours is at the database, in this process, in another one or on
   * another machine. Turns are short: an experiment's rows, an answer; only building takes longer.
   *
   * @throws TrackingException if that takes longer than the patience
   */
  Turn turn(Duration patience) throws TrackingException;

  /** Whether there is something that can be connected to; a connection would otherwise make it. */
  boolean exists();

  /** Connects. */
  Connection connect() throws SQLException;

  /** Removes everything of ours, readable or not. */
  void clear() throws SQLException, IOException;

  /** Where Flyway finds the database, and how it writes its types. */
  FluentConfiguration flyway();

  /** Whether a table that should be there is not. */
  boolean lacksTables(SQLException e);

  /** What an error means. */
  TrackingException.Reason reason(SQLException e);

  /** What the database says, without anything secret. */
  String said(SQLException e);

  /** Being the only one at the database, until it is closed. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }
}
