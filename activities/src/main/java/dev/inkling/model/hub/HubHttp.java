package dev.inkling.model.hub;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Requests to the Hub and to where it sends us. Redirections are followed here and not by Java's
 * client, because the token must go to the endpoint only.
 */
final class HubHttp implements AutoCloseable {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  /** Renamed repositories and storage take one each. */
  private static final int MOST_REDIRECTS = 6;

  /** The list of a repository with a hundred thousand files has about 30 MB. */
  private static final long LARGEST_ANSWER = 64 << 20;

  /** Like Retry-After, in a header of a draft of the IETF that the Hub sends: "api";r=0;t=55. */
  private static final Pattern RATE = Pattern.compile("r\\s*=\\s*0\\s*;\\s*t\\s*=\\s*(\\d{1,6})");

  private final HubSettings settings;
  private final Retries retries;
  private final HttpClient client =
      HttpClient.newBuilder()
          // One transfer at a time: nothing to share a connection with.
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(Duration.ofSeconds(20))
          .build();

  HubHttp(HubSettings settings, Retries retries) {
    this.settings = settings;
    this.retries = retries;
  }

  Retries retries() {
    return retries;
  }

  /** What an answer means to the caller. */
  @FunctionalInterface
  interface Reading<T> {
    T read(Answer answer) throws PassingException, HubException;
  }

  /**
   * Sends a request that does no harm when it is done twice, until something comes of it.
   *
   * @throws HubException if nothing came of it, or its reading says so
   */
  <T> T ask(Order order, Meter meter, Reading<T> reading)
      throws HubException, InterruptedException {
    for (int failures = 1; ; failures++) {
      try {
        return reading.read(once(order, meter));
      } catch (PassingException e) {
        meter.sleep(retries.wait(failures, e));
      }
    }
  }

  /**
   * Sends a request once, and wherever it is redirected to.
   *
   * @throws PassingException if it may have another outcome later; whether the server has done what
   *     it was asked for is not known
   */
  Answer once(Order order, Meter meter)
      throws PassingException, HubException, InterruptedException {
    Order now = order;
    for (int hop = 0; hop <= MOST_REDIRECTS; hop++) {
      Answer answer = exchange(now, meter);
      if (!REDIRECTS.contains(answer.status())) {
        return passed(answer);
      }
      now = now.to(next(now, answer));
    }
    throw new HubException(
        HubException.Reason.REFUSED,
        order.uri().getHost() + " redirects in a circle. Is HF_ENDPOINT right?");
  }

  private URI next(Order order, Answer answer) throws HubException {
    URI from = order.uri();
    try {
      URI to = from.resolve(URI.create(answer.header("location")));
      boolean down = "https".equals(from.getScheme()) && !"https".equals(to.getScheme());
      boolean read = order.method().equals("GET");
      if (to.getHost() != null && !down && (read || (answer.status() >= 307 && settings.own(to)))) {
        return to;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new HubException(
        HubException.Reason.REFUSED,
        from.getHost()
            + " sends this request to an address that it must not go to. Is HF_ENDPOINT right?");
  }

  private Answer passed(Answer answer) throws PassingException {
    int status = answer.status();
    boolean storage = !settings.own(answer.from());
    // A signed address of the storage runs out; the next attempt gets a new one.
    if (status == 408 || status == 429 || status >= 500 || (storage && status == 403)) {
      throw new PassingException(
          answer.from().getHost()
              + (status == 429
                  ? " says that it is asked too often (429)."
                  : " answered " + status + "."),
          retryAfter(answer));
    }
    return answer;
  }

  private static Optional<Duration> retryAfter(Answer answer) {
    String value = answer.header("retry-after").strip();
    if (value.matches("\\d{1,6}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    Matcher rate = RATE.matcher(answer.header("ratelimit"));
    if (rate.find()) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(rate.group(1))));
    }
    try {
      Duration wait =
          Duration.between(
              Clock.systemUTC().instant(),
              ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private Answer exchange(Order order, Meter meter)
      throws PassingException, HubException, InterruptedException {
    AtomicReference<IOException> disk = new AtomicReference<>();
    CompletableFuture<HttpResponse<byte[]>> response =
        client.sendAsync(request(order), handler(order, disk));
    try {
      HttpResponse<byte[]> got = await(response, meter);
      return new Answer(got.statusCode(), got.headers(), got.body(), order.uri());
    } catch (ExecutionException e) {
      if (disk.get() != null) {
        throw LocalFailure.of(disk.get(), settings.cache());
      }
      throw new PassingException(
          "The connection to " + order.uri().getHost() + " failed: " + words(e) + ".", e);
    } finally {
      response.cancel(true);
    }
  }

  private HttpResponse<byte[]> await(CompletableFuture<HttpResponse<byte[]>> response, Meter meter)
      throws InterruptedException, ExecutionException, PassingException {
    long moved = meter.moved();
    long since = System.nanoTime();
    while (true) {
      Optional<HttpResponse<byte[]>> got = meter.await(response);
      if (got.isPresent()) {
        return got.get();
      }
      if (meter.moved() != moved) {
        moved = meter.moved();
        since = System.nanoTime();
      } else if (System.nanoTime() - since > retries.stall().toNanos()) {
        throw new PassingException(
            "Nothing has come for " + retries.stall().toSeconds() + " s.", Optional.empty());
      }
    }
  }

  private HttpRequest request(Order order) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(order.uri())
            .method(order.method(), order.body())
            .header("User-Agent", "inkling");
    order.headers().forEach(builder::setHeader);
    if (settings.own(order.uri())) {
      settings.token().ifPresent(t -> builder.setHeader("Authorization", "Bearer " + t));
    }
    order
        .sink()
        .filter(s -> s.offset() > 0)
        .ifPresent(s -> builder.setHeader("Range", "bytes=" + s.offset() + "-"));
    return builder.build();
  }

  private static BodyHandler<byte[]> handler(Order order, AtomicReference<IOException> disk) {
    return info -> {
      if (order.sink().isEmpty() || (info.statusCode() != 200 && info.statusCode() != 206)) {
        return BodySubscribers.limiting(BodySubscribers.ofByteArray(), LARGEST_ANSWER);
      }
      Sink sink = order.sink().get();
      keeping(disk, () -> sink.begin(info.statusCode(), info.headers()));
      return BodySubscribers.mapping(
          BodySubscribers.ofByteArrayConsumer(
              part -> part.ifPresent(bytes -> keeping(disk, () -> sink.take(bytes)))),
          _ -> new byte[0]);
    };
  }

  /** What happens on the disk. */
  @FunctionalInterface
  private interface Writing {
    void run() throws IOException;
  }

  /** Java's client would take the disk's exception for the network's. */
  private static void keeping(AtomicReference<IOException> disk, Writing writing) {
    try {
      writing.run();
    } catch (ProtocolException e) {
      throw new IllegalStateException(e.getMessage(), e);
    } catch (IOException e) {
      disk.compareAndSet(null, e);
      throw new IllegalStateException("the file takes no more", e);
    }
  }

  private static String words(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    String said = cause.getMessage();
    return said == null || said.isBlank() ? cause.getClass().getSimpleName() : said;
  }

  @Override
  public void close() {
    client.shutdownNow();
    try {
      client.awaitTermination(Duration.ofSeconds(2));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
