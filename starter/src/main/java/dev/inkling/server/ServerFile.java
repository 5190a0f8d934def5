package dev.inkling.server;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.Disk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What is written down of the embedded server, and whether it is true. */
final class ServerFile {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FILE = "server.json";

  private ServerFile() {}

  /** What a running server is known by. */
  record Running(
      long process, String started, int port, int uiPort, boolean stays, boolean stopping) {
    /** The process, unless it has ended (and its number may be somebody else's). */
    Optional<ProcessHandle> alive() {
      return ProcessHandle.of(process).filter(p -> ServerFile.started(p).equals(started));
    }
  }

  /** The server that runs: its process lives, nobody has stopped it, and its port answers. */
  static Optional<Running> running(Path directory) throws IOException {
    return told(directory).filter(r -> !r.stopping() && r.alive().isPresent() && answers(r.port()));
  }

  /** The server that the file tells of, whatever became of it. */
  static Optional<Running> told(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(Files.readAllBytes(file), Running.class));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  static String started(ProcessHandle process) {
    return process.info().startInstant().map(Object::toString).orElse("unknown");
  }

  static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static void write(Path directory, Running running) throws IOException {
    Disk.replace(directory.resolve(FILE), JSON.writeValueAsBytes(running));
  }
}
