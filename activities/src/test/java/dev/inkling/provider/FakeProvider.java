package dev.inkling.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.provider.Wire.Request;
import dev.inkling.provider.Wire.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The provider as a process: {@code FakeProvider <ledger file> [<behaviour as JSON>]}. It serves on
 * a free port of 127.0.0.1, prints {@code port <number>}, and ends when its standard input does:
 * when the test says so, or when the test dies.
 *
 * <p>Beside the providers' routes there are {@code POST /control} with a {@link Behaviour}, {@code
 * GET /control/ledger} with what was billed in this process, and {@code GET /control/last} with the
 * body of the last request that came in.
 */
public final class FakeProvider implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A thousand clients connect at once. */
  private static final int BACKLOG = 4096;

  private final ServerSocket server = new ServerSocket();
  private final Ledger ledger;
  private volatile House house;

  /** All that it has and knows. */
  private static final class House {
    private final Counter counter;
    private final Desk desk;
    private final FileShelf files;
    private final JobShelf jobs;
    private final BatchShelf batches;
    private final MessageBatchShelf messageBatches;

    House(Ledger ledger, Behaviour behaviour) {
      Effects effects = new Effects(ledger);
      files = new FileShelf(effects, this::behaviour);
      jobs = new JobShelf(effects, files, this::behaviour);
      counter = new Counter(ledger, effects, jobs, behaviour);
      desk = new Desk(counter::conduct);
      batches = new BatchShelf(effects, counter, files);
      messageBatches = new MessageBatchShelf(effects, counter);
    }

    private Behaviour behaviour() {
      return counter.conduct().behaviour();
    }
  }

  private FakeProvider(Path ledgerFile, Behaviour behaviour) throws IOException {
    ledger = new Ledger(ledgerFile);
    house = new House(ledger, behaviour);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    Thread.ofPlatform().name("accept").daemon().start(this::accept);
  }

  /** Serves until standard input ends. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) throws IOException {
    Behaviour behaviour =
        JSON.readValue(arguments.length > 1 ? arguments[1] : "{}", Behaviour.class);
    try (FakeProvider provider = new FakeProvider(Path.of(arguments[0]), behaviour)) {
      System.out.println("port " + provider.server.getLocalPort());
      while (System.in.read() >= 0) {
        // Whatever is written there means nothing; its end is the end.
      }
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        // Closed, or a client that was gone before it was here.
      }
    }
  }

  private void serve(Socket socket) {
    try (Wire wire = new Wire(socket)) {
      for (Optional<Request> request = wire.read(); request.isPresent(); request = wire.read()) {
        if (!answer(wire, request.get())) {
          return;
        }
      }
    } catch (IOException | InterruptedException e) {
      // The client has gone; so has its thread here.
    }
  }

  private boolean answer(Wire wire, Request request) throws IOException, InterruptedException {
    String path = request.path().split("\\?", 2)[0];
    House now = house;
    if (path.equals("/v1/chat/completions")) {
      return now.counter.serve(wire, request, Dialect.OPENAI);
    }
    if (path.equals("/v1/messages")) {
      return now.counter.serve(wire, request, Dialect.ANTHROPIC);
    }
    Optional<Desk.Call> call =
        now.files
            .call(request, path)
            .or(() -> now.jobs.call(request, path))
            .or(() -> now.batches.call(request, path));
    if (call.isPresent()) {
      return now.desk.serve(wire, request, call.get(), Dialect.OPENAI);
    }
    Optional<Desk.Call> messages = now.messageBatches.call(request, path);
    if (messages.isPresent()) {
      return now.desk.serve(wire, request, messages.get(), Dialect.ANTHROPIC);
    }
    wire.write(
        control(request, path).orElseGet(() -> Catalog.answer(now.behaviour(), request, path)));
    return true;
  }

  private Optional<Response> control(Request request, String path) throws IOException {
    return switch (path) {
      case "/control/forget" -> {
        house = new House(ledger, house.behaviour());
        yield Optional.of(Response.json(200, Map.of(), "{}"));
      }
      case "/control" -> {
        house.counter.behave(JSON.readValue(request.body(), Behaviour.class));
        yield Optional.of(Response.json(200, Map.of(), "{}"));
      }
      case "/control/ledger" ->
          Optional.of(
              Response.json(200, Map.of(), JSON.writeValueAsString(house.counter.billed())));
      case "/control/last" -> {
        JsonNode last = house.counter.last();
        yield Optional.of(Response.json(200, Map.of(), last.toString()));
      }
      default -> Optional.empty();
    };
  }

  @Override
  public void close() throws IOException {
    server.close();
    ledger.close();
  }
}
