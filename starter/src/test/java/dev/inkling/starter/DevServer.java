package dev.inkling.starter;

import dev.inkling.worker.Connection;
import dev.inkling.workflow.Attributes;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A Temporal server with its database in a file, which is killed and comes back where it was. */
final class DevServer implements AutoCloseable {
  private final Path folder;
  private final int port = free();
  private Process process;

  /** Starts it. */
  DevServer(Path folder) throws Exception {
    this.folder = Files.createDirectories(folder);
    process = begin();
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  /** Kills it. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Starts it again. */
  void start() throws Exception {
    process = begin();
  }

  private Process begin() throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Installed.here().temporal().toString(),
                "server",
                "start-dev",
                "--headless",
                "--ip",
                "127.0.0.1",
                "--port",
                "" + port,
                "--db-filename",
                folder.resolve("temporal.db").toString(),
                "--log-level",
                "error"));
    for (String attribute : Attributes.names()) {
      command.addAll(List.of("--search-attribute", attribute + "=Keyword"));
    }
    Process begun =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("server.log").toFile()))
            .start();
    CloudScene.await("the Temporal server", this::answers);
    return begun;
  }

  /** Its port is open before it knows its namespace. */
  private boolean answers() {
    if (!open()) {
      return false;
    }
    try (Connection connection = Connection.to(address(), Optional.empty())) {
      return connection
          .client()
          .getWorkflowServiceStubs()
          .blockingStub()
          .describeNamespace(
              DescribeNamespaceRequest.newBuilder().setNamespace(connection.namespace()).build())
          .hasNamespaceInfo();
    }
  }

  private boolean open() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Below those that the system hands out, so that nobody else gets it while the server is away.
   */
  private static int free() throws IOException {
    while (true) {
      int port = RandomGenerator.getDefault().nextInt(20_000, 30_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Somebody has it.
      }
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
