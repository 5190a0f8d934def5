package dev.inkling.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The Hub at one port of 127.0.0.1 and its storage at another, so that a client that sends its
 * token to the storage is found out.
 */
public final class FakeHub implements AutoCloseable {
  /** The token of an account that may do everything. */
  public static final String TOKEN = "hf_testTokenThatMayDoEverything0123";

  /** The token of an account that may not take what is gated, nor write. */
  public static final String OTHER_TOKEN = "hf_testTokenOfSomebodyElse456789";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer hub = server();
  private final HttpServer storage = server();
  private final List<Seen> seen = new ArrayList<>();
  private final List<Planned> planned = new ArrayList<>();
  private final Shelf shelf = new Shelf();

  /** A fault that waits for its request. */
  private record Planned(String request, Fault fault) {}

  public FakeHub() throws IOException {
    Storage large = new Storage(shelf, storageUrl());
    HubApi api = new HubApi(shelf, endpoint(), large);
    serve(hub, "hub", api::answer);
    serve(storage, "storage", large::answer);
  }

  /** Answers one request. */
  @FunctionalInterface
  private interface Route {
    void answer(Exchange exchange) throws IOException;
  }

  private static HttpServer server() throws IOException {
    return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  private void serve(HttpServer server, String where, Route route) {
    server.setExecutor(threads);
    server.createContext("/", exchange -> handle(exchange, where, route));
    server.start();
  }

  private void handle(HttpExchange http, String where, Route route) throws IOException {
    String path = http.getRequestURI().getRawPath();
    Optional<Fault> fault = fault(http.getRequestMethod() + " " + path);
    if (fault.isPresent() && fault.get() instanceof Fault.Holds holds && !reads(http)) {
      // Of a body only its beginning is taken.
      http.getRequestBody().readNBytes(holds.bytes());
      Exchange.pause(holds);
    }
    byte[] body = http.getRequestBody().readAllBytes();
    String authorization =
        Optional.ofNullable(http.getRequestHeaders().getFirst("Authorization")).orElse("");
    String range = Optional.ofNullable(http.getRequestHeaders().getFirst("Range")).orElse("");
    synchronized (seen) {
      seen.add(
          new Seen(
              where,
              http.getRequestMethod(),
              path,
              range,
              authorization.replaceFirst("^Bearer ", ""),
              body.length));
    }
    Exchange exchange =
        new Exchange(http, body, fault.filter(f -> !(f instanceof Fault.Holds) || reads(http)));
    if (fault.isPresent() && fault.get() instanceof Fault.Says says) {
      exchange.send(says.status(), says.headers(), says.body().getBytes(UTF_8));
      return;
    }
    try {
      route.answer(exchange);
    } catch (RuntimeException e) {
      exchange.error(500, "", "the fake failed: " + e);
      throw e;
    }
  }

  private static boolean reads(HttpExchange http) {
    return http.getRequestMethod().equals("GET");
  }

  private Optional<Fault> fault(String request) {
    synchronized (planned) {
      for (Planned p : planned) {
        if (request.contains(p.request())) {
          planned.remove(p);
          return Optional.of(p.fault());
        }
      }
    }
    return Optional.empty();
  }

  /** The next requests whose method and path contain a text get these faults, in order. */
  public void on(String request, Fault... faults) {
    synchronized (planned) {
      for (Fault fault : faults) {
        planned.add(new Planned(request, fault));
      }
    }
  }

  /** Makes a repository, which is public. */
  public Repository repository(String name) {
    return shelf.make(name, false);
  }

  /** A repository that is there. */
  public Optional<Repository> find(String name) {
    return shelf.find(name);
  }

  /** Files from that size on are uploaded in parts. */
  public void partsOf(int bytes) {
    shelf.partsOf(bytes);
  }

  /** Every request that came, in order. */
  public List<Seen> seen() {
    synchronized (seen) {
      return List.copyOf(seen);
    }
  }

  /** What HF_ENDPOINT is to be. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
  }

  private URI storageUrl() {
    return URI.create("http://127.0.0.1:" + storage.getAddress().getPort());
  }

  @Override
  public void close() {
    hub.stop(0);
    storage.stop(0);
    threads.shutdownNow();
  }
}
