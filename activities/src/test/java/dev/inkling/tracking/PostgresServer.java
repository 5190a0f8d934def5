package dev.inkling.tracking;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.inkling.artifact.Disk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL server of our own on a loopback port, which ends with this object or with the JVM.
 */
final class PostgresServer implements AutoCloseable {
  static final String USER = "inkling";
  static final String PASSWORD = "a-secret-of-the-tests-1";

  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");
  private static final String NOT_THERE =
      "PostgreSQL is not installed (on Debian: apt-get install postgresql)";

  private final Path directory;
  private final int port;
  private final Process process;
  private int databases;

  /** Starts one; where PostgreSQL is missing, the test is skipped, or fails with CI set. */
  PostgresServer() throws IOException, InterruptedException, SQLException {
    Path programs = programs();
    // Not below a directory of the test's: the server's user could not come through it.
    directory = Files.createTempDirectory("inkling-postgres");
    Path password = Files.writeString(directory.resolve("password"), PASSWORD);
    if (root()) {
      var postgres =
          directory
              .getFileSystem()
              .getUserPrincipalLookupService()
              .lookupPrincipalByName("postgres");
      Files.setOwner(directory, postgres);
      Files.setOwner(password, postgres);
    }
    Path data = directory.resolve("data");
    run(
        programs.resolve("initdb") + "",
        "--pgdata=" + data,
        "--username=" + USER,
        "--pwfile=" + password,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync");
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    List<String> server =
        new ArrayList<>(
            List.of("sh", "-c", "\"$@\" & server=$!; read -r end; kill -INT $server; wait", "sh"));
    server.addAll(
        asServerUser(
            programs.resolve("postgres").toString(),
            "-D",
            data.toString(),
            "-p",
            "" + port,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            "fsync=off"));
    process = start(server, "server.log");
    awaitAnswer();
  }

  private static Path programs() throws IOException {
    List<Path> found = List.of();
    if (Files.isDirectory(INSTALLED)) {
      try (Stream<Path> versions = Files.list(INSTALLED)) {
        found =
            versions
                .map(version -> version.resolve("bin"))
                .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
                .sorted()
                .toList();
      }
    }
    if (found.isEmpty() && System.getenv("CI") != null) {
      fail(NOT_THERE);
    }
    assumeTrue(!found.isEmpty(), NOT_THERE);
    return found.getLast();
  }

  private static boolean root() {
    return System.getProperty("user.name").equals("root");
  }

  /** PostgreSQL refuses to run as root. */
  private static List<String> asServerUser(String... command) {
    List<String> words = new ArrayList<>();
    if (root()) {
      words.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"));
    }
    words.addAll(List.of(command));
    return words;
  }

  private Process start(List<String> command, String log) throws IOException {
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve(log).toFile())
        .start();
  }

  private void run(String... command) throws IOException, InterruptedException {
    Process once = start(asServerUser(command), "once.log");
    if (once.waitFor() != 0) {
      throw new IOException(Files.readString(directory.resolve("once.log")));
    }
  }

  private void awaitAnswer() throws IOException, InterruptedException {
    for (int tries = 0; tries < 300; tries++) {
      try (Connection connection = connect("postgres")) {
        if (connection.isValid(1)) {
          return;
        }
      } catch (SQLException e) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
    throw new IOException(
        "PostgreSQL does not answer:\n" + Files.readString(directory.resolve("server.log")));
  }

  /** A connection to one of its databases. */
  Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(url(database), USER, PASSWORD);
  }

  /** The URL of one of its databases. */
  String url(String database) {
    // A machine with other work may take longer than users would wait.
    return "jdbc:postgresql://127.0.0.1:"
        + port
        + "/"
        + database
        + "?loginTimeout=60&connectTimeout=60";
  }

  /** A database that nobody has used. */
  String newDatabase() throws SQLException {
    String name = "test" + ++databases;
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("create database " + name);
    }
    return name;
  }

  /** What leads to a database. */
  Map<String, String> environment(String database) {
    return Map.of(
        PostgresEngine.URL,
        url(database),
        PostgresEngine.USER,
        USER,
        PostgresEngine.PASSWORD,
        PASSWORD);
  }

  /** Ends it. */
  void stop() throws IOException {
    process.getOutputStream().close();
    process.onExit().join();
  }

  @Override
  public void close() throws IOException {
    stop();
    Disk.removeAll(directory);
  }
}
