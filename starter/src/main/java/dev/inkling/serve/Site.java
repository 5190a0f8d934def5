package dev.inkling.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import dev.inkling.workflow.ExperimentResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The web pages, on a loopback port. It answers GET and HEAD only, and only to the names of this
 * machine's loopback address, so that a page from elsewhere cannot read it under a name of its own.
 */
public final class Site implements AutoCloseable {
  /** The port that people know, beside that of the Temporal UI; an experiment's result names it. */
  public static final int USUAL_PORT = ExperimentResult.PAGES_PORT;

  private static final Logger log = LoggerFactory.getLogger(Site.class);

  /** No script, nothing from elsewhere; styles are part of the pages and of the figures. */
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none';"
          + " form-action 'none'; frame-ancestors 'none'";

  private final Shelf shelf;
  private final Supplier<Live> live;
  private final HttpServer server;
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Serves a store.
   *
   * @param live asked for each page
   * @param port 0 takes a free one
   * @throws java.net.BindException if the port is taken
   */
  public Site(Store store, Supplier<Live> live, int port) throws IOException {
    this.shelf = new Shelf(store);
    this.live = live;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(requests);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Where browsers find it. */
  public String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      respond(exchange);
    }
  }

  private void respond(HttpExchange exchange) throws IOException {
    try {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Content-Security-Policy", POLICY);
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Referrer-Policy", "no-referrer");
      headers.set("Cache-Control", "no-store");
      String method = exchange.getRequestMethod();
      if (!local(exchange.getRequestHeaders().getFirst("Host"))) {
        problem(exchange, 421, "This server answers to 127.0.0.1 and localhost only.");
      } else if (!method.equals("GET") && !method.equals("HEAD")) {
        headers.set("Allow", "GET, HEAD");
        problem(exchange, 405, "These pages can only be read.");
      } else {
        answer(exchange);
      }
    } catch (RuntimeException e) {
      log.error("The page {} failed", exchange.getRequestURI(), e);
      if (exchange.getResponseCode() == -1) {
        problem(exchange, 500, "This page failed; the terminal says more.");
      }
    }
  }

  /** Whether a Host header names the loopback address. */
  static boolean local(String host) {
    return host != null
        && host.toLowerCase(Locale.ROOT).matches("(127\\.0\\.0\\.1|localhost|\\[::1])(:[0-9]+)?");
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String[] parts = path.split("/", 4);
    if (path.equals("/")) {
      page(exchange, 200, ListPage.of(shelf.reports(), live.get()));
    } else if (parts.length == 3 && parts[1].equals("experiments")) {
      experiment(exchange, parts[2]);
    } else if (parts.length >= 3 && parts[1].equals("artifacts")) {
      artifact(exchange, parts[2], parts.length == 3 ? "" : parts[3]);
    } else {
      missing(exchange);
    }
  }

  private void experiment(HttpExchange exchange, String id) throws IOException {
    Live now = live.get();
    Optional<Shelf.Entry> report = shelf.report(id);
    if (report.isEmpty() && now.of(id).isEmpty()) {
      missing(exchange);
      return;
    }
    page(exchange, 200, ExperimentPage.of(id, report, now, shelf.byKey()));
  }

  private void artifact(HttpExchange exchange, String key, String file) throws IOException {
    Optional<Manifest> manifest = shelf.manifest(key);
    if (manifest.isEmpty()) {
      missing(exchange);
    } else if (file.isEmpty()) {
      page(exchange, 200, ArtifactPage.of(manifest.get()));
    } else {
      Optional<Path> found = shelf.file(manifest.get(), file);
      if (found.isPresent()) {
        send(exchange, found.get());
      } else {
        missing(exchange);
      }
    }
  }

  private static void missing(HttpExchange exchange) throws IOException {
    problem(exchange, 404, "There is no such page.");
  }

  private static void problem(HttpExchange exchange, int status, String text) throws IOException {
    Html html = new Html(text, Optional.empty());
    page(exchange, status, html.raw("<h1>").text(text).raw("</h1>\n").page());
  }

  private static void page(HttpExchange exchange, int status, String html) throws IOException {
    byte[] bytes = html.getBytes(StandardCharsets.UTF_8);
    OutputStream body = begin(exchange, status, "text/html; charset=utf-8", bytes.length);
    body.write(bytes);
    body.close();
  }

  private static void send(HttpExchange exchange, Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
        OutputStream body = begin(exchange, 200, type(file), Files.size(file))) {
      in.transferTo(body);
    }
  }

  /** Sends the head; the body of an answer to HEAD goes nowhere. */
  private static OutputStream begin(HttpExchange exchange, int status, String type, long length)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
      exchange.sendResponseHeaders(status, -1);
      return OutputStream.nullOutputStream();
    }
    exchange.sendResponseHeaders(status, length == 0 ? -1 : length);
    return length == 0 ? OutputStream.nullOutputStream() : exchange.getResponseBody();
  }

  private static String type(Path file) {
    String name = file.getFileName().toString();
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "html" -> "text/html; charset=utf-8";
      case "svg" -> "image/svg+xml";
      case "png" -> "image/png";
      case "json" -> "application/json";
      case "csv", "jsonl", "txt" -> "text/plain; charset=utf-8";
      default -> "application/octet-stream";
    };
  }

  @Override
  public void close() {
    server.stop(0);
    requests.shutdownNow();
  }
}
