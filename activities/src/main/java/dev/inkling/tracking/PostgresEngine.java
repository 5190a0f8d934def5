package dev.inkling.tracking;

import dev.inkling.model.hosted.Credentials;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/**
 * PostgreSQL: a schema of our own in the database that the environment names, so that building anew
 * touches nobody else's tables.
 */
final class PostgresEngine implements Engine {
  /** The variable, or the line in {@code .env}, that names the database. */
  static final String URL = "INKLING_TRACKING_URL";

  static final String USER = "INKLING_TRACKING_USER";
  static final String PASSWORD = "INKLING_TRACKING_PASSWORD";

  private static final String SCHEMA = "inkling";

  /** A lock of this database's that only we know: "inkling" in ASCII. */
  private static final long LOCK = 0x696e6b6c696e67L;

  /** A server that is away must not keep an experiment waiting. */
  private static final String CONNECT_SECONDS = "5";

  private final String url;
  private final Credentials credentials;

  private PostgresEngine(String url, Credentials credentials) {
    this.url = url;
    this.credentials = credentials;
  }

  /**
   * The database of a URL.
   *
   * @throws TrackingException if it is no such URL, or holds a password, which messages would show
   */
  static PostgresEngine at(String url, Credentials credentials) throws TrackingException {
    if (!url.startsWith("jdbc:postgresql:")) {
      throw new TrackingException(
          TrackingException.Reason.SETTINGS,
          URL
              + " must look like jdbc:postgresql://host/database. Without it the database is a file");
    }
    if (url.contains("@") || url.matches("(?i).*[?&](password|user)=.*")) {
      throw new TrackingException(
          TrackingException.Reason.SETTINGS,
          "The user and the password do not belong into "
              + URL
              + ": set "
              + USER
              + " and "
              + PASSWORD
              + ", in the environment or in "
              + Credentials.FILE);
    }
    return new PostgresEngine(url, credentials);
  }

  @Override
  public String place() {
    return url.replaceAll("\\?.*", "");
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // closed with the turn
  public Turn turn(Duration patience) throws TrackingException {
    try {
      // A connection of its own: the lock goes with it, however the process ends.
      Connection connection = connect();
      try (Statement limit = connection.createStatement();
          PreparedStatement lock = connection.prepareStatement("select pg_advisory_lock(?)")) {
        limit.execute("set lock_timeout = " + patience.toMillis());
        lock.setLong(1, LOCK);
        lock.execute();
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
      return () -> quietly(connection);
    } catch (SQLException e) {
      throw new TrackingException(
          reason(e),
          "The tracking database at " + place() + " does not answer (" + said(e) + ")",
          e);
    }
  }

  private static void quietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // The server notices by itself that nobody is there any more.
    }
  }

  /** Whether our tables are there is seen when they are asked. */
  @Override
  public boolean exists() {
    return true;
  }

  @Override
  public Connection connect() throws SQLException {
    Properties settings = new Properties();
    settings.putAll(settings());
    credentials.get(USER).ifPresent(user -> settings.setProperty("user", user));
    credentials.get(PASSWORD).ifPresent(word -> settings.setProperty("password", word));
    Connection connection = DriverManager.getConnection(url, settings);
    connection.setSchema(SCHEMA);
    return connection;
  }

  private static Map<String, String> settings() {
    return Map.of(
        "ApplicationName",
        "inkling",
        "connectTimeout",
        CONNECT_SECONDS,
        "loginTimeout",
        CONNECT_SECONDS,
        // Longer than anybody waits for a turn: an answer that has not come then will not come.
        "socketTimeout",
        "180");
  }

  @Override
  public void clear() {
    flyway().schemas(SCHEMA).cleanDisabled(false).load().clean();
  }

  @Override
  public FluentConfiguration flyway() {
    return Flyway.configure()
        .dataSource(url, credentials.get(USER).orElse(null), credentials.get(PASSWORD).orElse(null))
        .jdbcProperties(settings())
        .schemas(SCHEMA)
        .placeholders(Map.of("text", "text collate \"C\""));
  }

  @Override
  public boolean lacksTables(SQLException e) {
    return "42P01".equals(e.getSQLState()) || "3F000".equals(e.getSQLState());
  }

  @Override
  public TrackingException.Reason reason(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    if (state.equals("55P03")) {
      return TrackingException.Reason.BUSY;
    }
    // Class 08: no connection; 28: not with this password; 3D: no such database; 57P: shutting
    // down.
    return state.startsWith("08")
            || state.startsWith("28")
            || state.startsWith("3D")
            || state.startsWith("57P")
        ? TrackingException.Reason.AWAY
        : TrackingException.Reason.FAILED;
  }

  @Override
  public String said(SQLException e) {
    return credentials.scrub(String.valueOf(e.getMessage())).replaceAll("\\s+", " ");
  }
}
