package dev.inkling.tracking;

import dev.inkling.artifact.Store;
import dev.inkling.model.hosted.Credentials;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link Tracking} in SQLite or PostgreSQL. Holds nothing open between two calls. */
public final class TrackingDatabase implements Tracking {
  private static final Logger log = LoggerFactory.getLogger(TrackingDatabase.class);

  private final Engine engine;
  private final Inventory inventory;
  private final Duration patience;

  TrackingDatabase(Engine engine, Store store, Duration patience) {
    this.engine = engine;
    this.inventory = new Inventory(store);
    this.patience = patience;
  }

  /**
   * The database that the environment names, or {@code tracking.db} in the home directory. Nothing
   * is opened yet.
   *
   * @param home INKLING_HOME, with a {@code .env} or without
   * @param patience how long it waits for others that are at the database
   * @throws TrackingException if the environment names something else than a database
   */
  public static Tracking of(
      Path home, Map<String, String> environment, Store store, Duration patience)
      throws TrackingException {
    try {
      Credentials credentials = Credentials.of(environment, home.resolve(Credentials.FILE));
      Optional<String> url = credentials.get(PostgresEngine.URL);
      Engine engine =
          url.isPresent()
              ? PostgresEngine.at(url.get(), credentials)
              : new SqliteEngine(home.resolve("tracking.db"));
      return new TrackingDatabase(engine, store, patience);
    } catch (IOException e) {
      throw new TrackingException(
          TrackingException.Reason.SETTINGS, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public String place() {
    return engine.place();
  }

  @Override
  public void index(String experiment, Runnable alive) throws TrackingException {
    inTurn(
        () -> {
          Condition condition = condition();
          if (condition == Condition.DAMAGED) {
            log.warn("The tracking database at {} is damaged; building it anew", place());
          }
          return condition == Condition.CURRENT
              ? write(rows -> rows.bring(experiment))
              : build(alive);
        });
  }

  @Override
  public Built rebuild(Runnable alive) throws TrackingException {
    return inTurn(() -> build(alive));
  }

  @Override
  public void refresh(Consumer<String> tell) throws TrackingException {
    inTurn(
        () -> {
          Condition condition = condition();
          if (condition == Condition.CURRENT) {
            return write(Writer::bringUnfinished);
          }
          Built built = build(() -> {});
          tell.accept(
              "The tracking database at "
                  + place()
                  + " "
                  + condition.words
                  + "; built anew: "
                  + built.sentence()
                  + ".");
          return built;
        });
  }

  @Override
  public List<Listed> list(Filter filter) throws TrackingException {
    return read(connection -> new Reading(connection).list(filter));
  }

  @Override
  public List<String> ids() throws TrackingException {
    return read(connection -> new Reading(connection).ids());
  }

  @Override
  public Tracked experiment(String id) throws TrackingException {
    return read(connection -> new Reading(connection).experiment(id));
  }

  /** In what condition the database is. */
  private enum Condition {
    CURRENT(""),
    MISSING("is not there"),
    OUTDATED("was made by another version, or only in part"),
    DAMAGED("is damaged");

    private final String words;

    Condition(String words) {
      this.words = words;
    }
  }

  private Condition condition() throws SQLException {
    if (!engine.exists()) {
      return Condition.MISSING;
    }
    try (Connection connection = engine.connect()) {
      return new Reading(connection).version().filter(Schema.VERSION::equals).isPresent()
          ? Condition.CURRENT
          : Condition.OUTDATED;
    } catch (SQLException e) {
      if (engine.lacksTables(e)) {
        return Condition.MISSING;
      }
      if (engine.reason(e) == TrackingException.Reason.DAMAGED) {
        return Condition.DAMAGED;
      }
      throw e;
    }
  }

  /** Tables first; then every row and the version at once, so that half a database is none. */
  private Built build(Runnable alive) throws SQLException, IOException {
    engine.clear();
    Schema.create(engine);
    return write(rows -> rows.bringAll(alive));
  }

  private <T> T write(Writing<T> writing) throws SQLException {
    try (Connection connection = engine.connect()) {
      connection.setAutoCommit(false);
      T written = writing.by(new Writer(connection, inventory));
      connection.commit();
      return written;
    }
  }

  private <T> T read(Question<T> question) throws TrackingException {
    return inTurn(
        () -> {
          try (Connection connection = engine.connect()) {
            return question.ask(connection);
          }
        });
  }

  private <T> T inTurn(Work<T> work) throws TrackingException {
    try (Engine.Turn _ = engine.turn(patience)) {
      return work.run();
    } catch (SQLException e) {
      throw failed(engine.reason(e), engine.said(e), e);
    } catch (FlywayException e) {
      if (e.getCause() instanceof SQLException cause) {
        throw failed(engine.reason(cause), engine.said(cause), cause);
      }
      throw failed(TrackingException.Reason.FAILED, firstLine(e), e);
    } catch (IOException e) {
      throw failed(TrackingException.Reason.FAILED, String.valueOf(e.getMessage()), e);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private TrackingException failed(TrackingException.Reason reason, String said, Exception cause) {
    String what =
        switch (reason) {
          case SETTINGS, AWAY -> "does not answer";
          case BUSY -> "is busy";
          case DAMAGED -> "is damaged";
          case FAILED -> "failed";
        };
    return new TrackingException(
        reason, "The tracking database at " + place() + " " + what + " (" + said + ")", cause);
  }

  private interface Work<T> {
    T run() throws SQLException, IOException;
  }

  private interface Writing<T> {
    T by(Writer writer) throws SQLException;
  }

  private interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }
}
