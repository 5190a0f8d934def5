package dev.inkling.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.model.hosted.Credentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** In a PostgreSQL server of the test's own. */
class PostgresTrackingTest extends TrackingContract {
  private static PostgresServer server;

  private String database = "";

  @BeforeAll
  static void start() throws Exception {
    server = new PostgresServer();
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @Override
  Engine newDatabase() throws Exception {
    database = server.newDatabase();
    return engineAt(directory);
  }

  @Override
  Map<String, String> environment(Path homeDirectory) {
    return server.environment(database);
  }

  @Override
  Engine engineAt(Path homeDirectory) throws TrackingException {
    return PostgresEngine.at(server.url(database), Credentials.of(server.environment(database)));
  }

  private Tracking with(String name, String value) throws TrackingException {
    Map<String, String> environment = new HashMap<>(server.environment(database));
    environment.put(name, value);
    return TrackingDatabase.of(directory, environment, home.store, PATIENCE);
  }

  @Test
  void buildingAnewTouchesNobodyElsesTables() throws Exception {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute("create table public.experiments (mine text)");
      statement.execute("insert into public.experiments values ('stays')");
      tracking.rebuild(TrackingContract::nobody);
      tracking.rebuild(TrackingContract::nobody);
      var mine = statement.executeQuery("select mine from public.experiments");
      assertThat(mine.next()).isTrue();
      assertThat(mine.getString(1)).isEqualTo("stays");
    }
    assertThat(tracking.ids()).hasSize(5);
  }

  @Test
  void userAndPasswordMayStandInTheFileOfKeys() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve(Credentials.FILE),
            PostgresEngine.USER
                + "="
                + PostgresServer.USER
                + "\n"
                + PostgresEngine.PASSWORD
                + "='"
                + PostgresServer.PASSWORD
                + "'\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Map<String, String> url = Map.of(PostgresEngine.URL, server.url(database));

    Tracking byFile = TrackingDatabase.of(directory, url, home.store, PATIENCE);

    assertThat(byFile.rebuild(TrackingContract::nobody).experiments()).isEqualTo(5);
  }

  @Test
  void whereTheServerIsAwayOrRefusesUsTheMessageSaysSoWithoutThePassword() throws Exception {
    for (Tracking wrong :
        List.of(
            with(PostgresEngine.PASSWORD, "not-the-password-2"),
            with(PostgresEngine.URL, server.url("no_such_database")),
            with(PostgresEngine.URL, "jdbc:postgresql://127.0.0.1:1/away"))) {
      assertThatThrownBy(() -> wrong.index(home.networks.id(), TrackingContract::nobody))
          .isInstanceOfSatisfying(
              TrackingException.class,
              e -> assertThat(e.reason()).isEqualTo(TrackingException.Reason.AWAY))
          .hasMessageContaining("does not answer")
          .hasMessageContaining(wrong.place())
          .hasMessageNotContaining("not-the-password-2")
          .hasMessageNotContaining(PostgresServer.PASSWORD);
    }
    // An experiment hears nothing of that.
    Map<String, String> away = Map.of(PostgresEngine.URL, "jdbc:postgresql://127.0.0.1:1/away");
    new Chronicle(directory, away, home.store)
        .reported(home.networks.id(), TrackingContract::nobody);
  }

  @Test
  void aUrlThatIsNoneOrShowsAPasswordIsRefused() {
    for (String url :
        List.of(
            "jdbc:postgresql://me:secret-word@host/db",
            "jdbc:postgresql://host/db?user=me&Password=secret-word",
            "postgresql://host/secret-word")) {
      assertThatThrownBy(() -> with(PostgresEngine.URL, url))
          .isInstanceOfSatisfying(
              TrackingException.class,
              e -> assertThat(e.reason()).isEqualTo(TrackingException.Reason.SETTINGS))
          .hasMessageContaining(PostgresEngine.URL)
          .hasMessageNotContaining("secret-word");
    }
  }
}
