package dev.inkling.artifact;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.slf4j.LoggerFactory;

/**
 * An S3 server in this process: S3Proxy over memory, and in front of it a relay. S3Proxy 4.1 itself
 * refuses a PUT whose If-None-Match or If-Match does not hold, but looks first and writes then; the
 * relay lets one write through at a time, so that the two are one, as Amazon promises. It also
 * loses answers when it is told to, and notes what was asked.
 */
public final class BucketServer implements AutoCloseable {
  static final String PLACE = "s3://inkling-test/some/where/";

  private static final String BUCKET = "inkling-test";

  private static final Set<String> OWN_HEADERS =
      Set.of("host", "content-length", "expect", "connection", "transfer-encoding", "upgrade");

  private final S3Proxy proxy;
  private final HttpServer relay;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client = HttpClient.newHttpClient();
  private final Object oneWrite = new Object();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile boolean conditions = true;
  private final AtomicReference<Predicate<String>> losesAnswers = new AtomicReference<>(_ -> false);
  private final AtomicReference<Predicate<String>> isDown = new AtomicReference<>(_ -> false);

  /** Starts one, with a bucket that is empty. */
  public BucketServer() throws Exception {
    // They tell each byte otherwise, and that takes most of the time.
    for (String chatty : List.of("org.gaul", "software.amazon.awssdk", "jdk.event.security")) {
      ((Logger) LoggerFactory.getLogger(chatty)).setLevel(Level.WARN);
    }
    Properties properties = new Properties();
    properties.setProperty("jclouds.identity", "");
    properties.setProperty("jclouds.credential", "");
    proxy =
        S3Proxy.builder()
            .blobStore(BlobStores.create("transient", properties))
            .awsAuthentication(AuthenticationType.NONE, "", "")
            .endpoint(URI.create("http://127.0.0.1:0"))
            .stopTimeout(0)
            .build();
    proxy.start();
    relay = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    relay.setExecutor(threads);
    relay.createContext("/", this::handle);
    relay.start();
    send("PUT", "/" + BUCKET, new byte[0]);
    asked.clear();
  }

  /** What a worker's environment says of this server. */
  public Map<String, String> environment() {
    return Map.of(
        BucketConnection.ENDPOINT,
        "http://127.0.0.1:" + relay.getAddress().getPort(),
        "AWS_ACCESS_KEY_ID",
        "test",
        "AWS_SECRET_ACCESS_KEY",
        "test");
  }

  /** A store of its own in the bucket, as INKLING_STORE names it. */
  public static String place(String name) {
    return "s3://" + BUCKET + "/" + name + "/";
  }

  /** The names of the objects of such a store. */
  public List<String> objects(String place) {
    return BucketConnection.of(BucketPlace.of(place), environment()).bucket().list("").stream()
        .map(Bucket.Listed::name)
        .toList();
  }

  BucketConnection connection() {
    return BucketConnection.of(BucketPlace.of(PLACE), environment());
  }

  Bucket bucket() {
    return connection().bucket();
  }

  /** The requests so far, as {@code PUT /bucket/object}. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  void forgetAsked() {
    asked.clear();
  }

  /** Does what such a request asks for, and says that it failed; once. */
  void losesTheAnswerOf(String method, String part) {
    losesAnswers.set(request -> request.startsWith(method) && request.contains(part));
  }

  /** Answers nothing but failures to such requests, until told otherwise. */
  void isDownFor(Predicate<String> requests) {
    isDown.set(requests);
  }

  /** Takes every write, as a server does that knows no conditions. */
  void knowsConditions(boolean knows) {
    conditions = knows;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
      asked.add(request);
      if (isDown.get().test(request)) {
        exchange.sendResponseHeaders(503, -1);
        return;
      }
      HttpResponse<byte[]> response = forward(exchange, body);
      if (losesAnswers.get().test(request)) {
        losesAnswers.set(_ -> false);
        exchange.sendResponseHeaders(500, -1);
        return;
      }
      response
          .headers()
          .map()
          .forEach(
              (name, values) -> {
                if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT)) && !name.startsWith(":")) {
                  exchange.getResponseHeaders().put(name, values);
                }
              });
      boolean head = exchange.getRequestMethod().equals("HEAD");
      boolean empty = head || response.body().length == 0;
      exchange.sendResponseHeaders(response.statusCode(), empty ? -1 : response.body().length);
      if (!empty) {
        exchange.getResponseBody().write(response.body());
      }
    }
  }

  private HttpResponse<byte[]> forward(HttpExchange exchange, byte[] body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + proxy.getPort() + exchange.getRequestURI()))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach(
            (name, values) -> {
              String low = name.toLowerCase(Locale.ROOT);
              if (!OWN_HEADERS.contains(low) && (conditions || !low.startsWith("if-"))) {
                values.forEach(value -> request.header(name, value));
              }
            });
    try {
      if (exchange.getRequestMethod().equals("GET")) {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      }
      synchronized (oneWrite) {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void send(String method, String path, byte[] body) throws Exception {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.getPort() + path))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() / 100 != 2) {
      throw new IOException(method + " " + path + ": " + response.body());
    }
  }

  /** Removes every object, and does all that it is asked for from now on. */
  void empty() {
    isDownFor(_ -> false);
    Bucket bucket = bucket();
    bucket.list("").forEach(object -> bucket.remove(object.name()));
  }

  @Override
  public void close() {
    relay.stop(0);
    threads.close();
    client.close();
    try {
      proxy.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the server does not stop", e);
    }
  }
}
