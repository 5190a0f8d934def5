package dev.inkling.server;

import dev.inkling.workflow.Attributes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Temporal's own development server on this machine. Every command that needs it shares one: each
 * holds a shared lock for as long as it lives, and whoever leaves last stops the server, unless it
 * was asked to stay. Locks end with their process, so killing commands confuses nobody.
 */
public final class EmbeddedServer implements AutoCloseable {
  /** Measured: ready in 0.3 s; a cold disk takes longer. */
  private static final Duration READY = Duration.ofSeconds(30);

  private static final int STOP_SECONDS = 5;
  private static final int USUAL_PORT = 7233;
  private static final int USUAL_UI_PORT = 8233;

  private final Path directory;
  private final ServerFile.Running running;
  private final FileChannel usersFile;
  private final boolean ownStart;

  private EmbeddedServer(
      Path directory, ServerFile.Running running, FileChannel usersFile, boolean ownStart) {
    this.directory = directory;
    this.running = running;
    this.usersFile = usersFile;
    this.ownStart = ownStart;
  }

  /**
   * The server: the one that runs, or a new one.
   *
   * @param home INKLING_HOME
   * @param stays whether it outlives the commands that use it
   */
  public static EmbeddedServer use(Path home, boolean stays, TemporalCli cli, Consumer<String> tell)
      throws IOException {
    Path directory = Files.createDirectories(home.resolve("temporal"));
    FileChannel users = open(directory.resolve("users.lock"));
    try (FileChannel starting = open(directory.resolve("start.lock"));
        FileLock alone = starting.lock()) {
      // Held until the channel is closed, also by the end of the process.
      FileLock mine = users.lock(0, Long.MAX_VALUE, true);
      Optional<ServerFile.Running> there = ServerFile.running(directory);
      boolean own = there.isEmpty();
      ServerFile.Running server =
          own ? start(directory, cli.require(tell), cli, stays) : there.get();
      if (stays && !server.stays()) {
        server =
            new ServerFile.Running(
                server.process(), server.started(), server.port(), server.uiPort(), true, false);
        ServerFile.write(directory, server);
      }
      if (!alone.isValid() || !mine.isValid()) {
        throw new IOException("the locks in " + directory + " were lost");
      }
      return new EmbeddedServer(directory, server, users, own);
    } catch (IOException | RuntimeException e) {
      users.close();
      throw e;
    }
  }

  /** Where the running server answers, if one runs. */
  public static Optional<String> runningAddress(Path home) throws IOException {
    return ServerFile.running(home.resolve("temporal")).map(r -> "127.0.0.1:" + r.port());
  }

  /** The running server's Temporal UI, if one runs. */
  public static Optional<String> runningUi(Path home) throws IOException {
    return ServerFile.running(home.resolve("temporal")).map(r -> "http://127.0.0.1:" + r.uiPort());
  }

  /** Where clients and workers connect. */
  public String address() {
    return "127.0.0.1:" + running.port();
  }

  /** The Temporal UI. */
  public String ui() {
    return "http://127.0.0.1:" + running.uiPort();
  }

  /** Whether this command started it, rather than found it running. */
  public boolean ownStart() {
    return ownStart;
  }

  /** Leaves; the last one stops the server, unless it stays. */
  @Override
  public void close() throws IOException {
    try (FileChannel starting = open(directory.resolve("start.lock"));
        FileLock alone = starting.lock()) {
      if (alone.isValid()) {
        usersFile.close();
        if (!stays()) {
          stopUnlessUsed();
        }
      }
    }
  }

  private boolean stays() throws IOException {
    return ServerFile.running(directory).map(ServerFile.Running::stays).orElse(false);
  }

  private void stopUnlessUsed() throws IOException {
    try (FileChannel users = open(directory.resolve("users.lock"));
        FileLock nobody = users.tryLock()) {
      if (nobody != null) {
        stop(directory);
      }
    }
  }

  /** Stops a server that nobody uses and that was not asked to stay: its command was killed. */
  public static void stopUnused(Path home) throws IOException {
    Path directory = home.resolve("temporal");
    Optional<ProcessHandle> left =
        ServerFile.told(directory).filter(r -> !r.stays()).flatMap(ServerFile.Running::alive);
    if (left.isEmpty()) {
      return;
    }
    try (FileChannel starting = open(directory.resolve("start.lock"));
        FileLock alone = starting.lock();
        FileChannel users = open(directory.resolve("users.lock"));
        FileLock nobody = users.tryLock()) {
      // Written down, so that a command which comes while it ends does not take it for a server.
      if (alone.isValid() && nobody != null && !stop(directory)) {
        left.get().destroy();
      }
    }
  }

  /** Stops the server that was asked to stay. */
  public static boolean stopStaying(Path home) throws IOException {
    Path directory = home.resolve("temporal");
    if (ServerFile.running(directory).isEmpty()) {
      return false;
    }
    try (FileChannel starting = open(directory.resolve("start.lock"));
        FileLock alone = starting.lock()) {
      return alone.isValid() && stop(directory);
    }
  }

  /**
   * Asks the server to end; it takes a second, for which the next start waits rather than this
   * command.
   */
  private static boolean stop(Path directory) throws IOException {
    Optional<ServerFile.Running> server = ServerFile.running(directory);
    if (server.isPresent()) {
      ServerFile.Running r = server.get();
      ServerFile.write(
          directory,
          new ServerFile.Running(r.process(), r.started(), r.port(), r.uiPort(), false, true));
      r.alive().ifPresent(ProcessHandle::destroy);
    }
    return server.isPresent();
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /**
   * The database is one process's: the one before must have ended. One that nobody wrote down,
   * because its starter was killed in that moment, is known by the database among its arguments.
   */
  private static void awaitEnd(Path directory) throws IOException {
    ProcessHandle before =
        ServerFile.told(directory)
            .flatMap(ServerFile.Running::alive)
            .or(() -> unknownHolder(directory))
            .orElse(null);
    if (before != null) {
      try {
        before.onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException e) {
        before.destroyForcibly();
      }
    }
  }

  private static Optional<ProcessHandle> unknownHolder(Path directory) {
    String database = database(directory);
    Optional<ProcessHandle> holder =
        ProcessHandle.allProcesses()
            .filter(
                p -> p.info().arguments().filter(a -> List.of(a).contains(database)).isPresent())
            .findFirst();
    holder.ifPresent(ProcessHandle::destroy);
    return holder;
  }

  private static String database(Path directory) {
    return directory.resolve("temporal.db").toString();
  }

  /**
   * Starts a server on ports that are free. Homes start theirs one after the other: of two that
   * chose the same port at once, one would use the other's server.
   */
  private static ServerFile.Running start(
      Path directory, Path binary, TemporalCli cli, boolean stays) throws IOException {
    Path ports =
        Path.of(
            System.getProperty("java.io.tmpdir"),
            "inkling-ports-" + System.getProperty("user.name") + ".lock");
    try (FileChannel choosing = open(ports);
        FileLock alone = choosing.lock()) {
      if (!alone.isValid()) {
        throw new IOException("the lock " + ports + " was lost");
      }
      return startAlone(directory, binary, cli, stays);
    }
  }

  private static ServerFile.Running startAlone(
      Path directory, Path binary, TemporalCli cli, boolean stays) throws IOException {
    awaitEnd(directory);
    // Where it was before, so that workers which outlived it find it again.
    Optional<ServerFile.Running> before = ServerFile.told(directory).filter(r -> !r.stopping());
    int port = freePort(before.map(ServerFile.Running::port).orElse(USUAL_PORT));
    int uiPort = freePort(before.map(ServerFile.Running::uiPort).orElse(USUAL_UI_PORT));
    List<String> command = new ArrayList<>();
    // In a session of its own, Ctrl-C in the terminal reaches the command, which stops its stages,
    // and not the server.
    cli.onPath("setsid").ifPresent(setsid -> command.add(setsid.toString()));
    command.addAll(
        List.of(
            binary.toString(),
            "server",
            "start-dev",
            "--ip",
            "127.0.0.1",
            "--port",
            "" + port,
            "--ui-port",
            "" + uiPort,
            "--db-filename",
            database(directory),
            "--log-level",
            "warn",
            "--ui-disable-news-fetch"));
    for (String attribute : Attributes.names()) {
      command.add("--search-attribute");
      command.add(attribute + "=Keyword");
    }
    Path log = directory.resolve("server.log");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    // Written before it is ready: a crash from here on leaves a server that the next command finds.
    ServerFile.Running running =
        new ServerFile.Running(
            process.pid(), ServerFile.started(process.toHandle()), port, uiPort, stays, false);
    ServerFile.write(directory, running);
    long limit = System.nanoTime() + READY.toNanos();
    while (!process.isAlive() || !ServerFile.answers(port) || !ServerFile.answers(uiPort)) {
      if (!process.isAlive() || System.nanoTime() > limit) {
        process.destroyForcibly();
        throw new IllegalStateException(
            "The Temporal server did not start; the end of " + log + ":\n" + end(log));
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        process.destroyForcibly();
        throw new IllegalStateException("interrupted while the Temporal server started", e);
      }
    }
    return running;
  }

  private static String end(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
  }

  /** The port that people know, or any other one if that is taken. */
  private static int freePort(int usual) throws IOException {
    try (ServerSocket socket = new ServerSocket(usual, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      }
    }
  }
}
