package dev.inkling.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provider.Behaviour.ModelRoutes;
import dev.inkling.provider.Dialect.Ending;
import dev.inkling.provider.Dialect.Usage;
import dev.inkling.provider.Speech.Turn;
import dev.inkling.provider.Wire.Request;
import dev.inkling.provider.Wire.Response;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Where requests are taken: behaves as it was told, bills, answers. */
final class Counter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Ledger ledger;
  private final AtomicLong arrived = new AtomicLong();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong inputTokens = new AtomicLong();
  private final AtomicLong outputTokens = new AtomicLong();
  private final Map<String, Integer> times = new ConcurrentHashMap<>();
  private volatile State state;
  private volatile byte[] last = "null".getBytes(StandardCharsets.UTF_8);

  /** A behaviour and what is left of it. */
  private record State(Behaviour behaviour, ArrayDeque<Fault> next, @Nullable RateLimit rateLimit) {
    static State of(Behaviour behaviour) {
      return new State(
          behaviour,
          new ArrayDeque<>(behaviour.next()),
          behaviour.requestsPerMinute() > 0 ? new RateLimit(behaviour.requestsPerMinute()) : null);
    }

    /** What happens to a request: the next of the list, or by chance. */
    Optional<Fault> fault(long number) {
      synchronized (next) {
        if (!next.isEmpty()) {
          return Optional.of(next.remove());
        }
      }
      double draw = new SplittableRandom(number).split().nextDouble();
      for (Fault fault : Fault.values()) {
        draw -= behaviour.probability().getOrDefault(fault, 0.0);
        if (draw < 0) {
          return Optional.of(fault);
        }
      }
      return Optional.empty();
    }

    Map<String, String> headers() {
      return rateLimit == null ? Map.of() : rateLimit.headers();
    }
  }

  /**
   * What was billed.
   *
   * @param distinct how many different requests there were among them
   * @param mostOften how often the most frequent one was billed
   */
  record Billed(
      long arrived,
      long accepted,
      long distinct,
      long mostOften,
      long inputTokens,
      long outputTokens) {}

  Counter(Ledger ledger, Behaviour behaviour) {
    this.ledger = ledger;
    this.state = State.of(behaviour);
  }

  void behave(Behaviour behaviour) {
    state = State.of(behaviour);
  }

  JsonNode last() throws IOException {
    return JSON.readTree(last);
  }

  Billed billed() {
    return new Billed(
        arrived.get(),
        accepted.get(),
        times.size(),
        times.values().stream().mapToInt(Integer::intValue).max().orElse(0),
        inputTokens.get(),
        outputTokens.get());
  }

  /** Serves one request for an answer; false if the connection is to end. */
  boolean serve(Wire wire, Request request, Dialect dialect)
      throws IOException, InterruptedException {
    State now = state;
    long number = arrived.incrementAndGet();
    last = request.body();
    JsonNode body = JSON.readTree(request.body());
    Optional<Response> turnedAway = turnedAway(now, request, body, dialect);
    if (turnedAway.isPresent()) {
      wire.write(turnedAway.get());
      return true;
    }
    Optional<Fault> fault = now.fault(number);
    if (fault.isPresent() && !fault.get().billed()) {
      if (fault.get() == Fault.RESET_BEFORE) {
        wire.reset();
        return false;
      }
      wire.write(refusal(now, fault.get(), dialect));
      return true;
    }
    return accept(wire, now, request, body, dialect, fault.orElse(null));
  }

  private boolean accept(
      Wire wire, State now, Request request, JsonNode body, Dialect dialect, @Nullable Fault fault)
      throws IOException, InterruptedException {
    List<Turn> turns = dialect.turns(body);
    String model = body.path("model").asText();
    Speech said = Speech.of(model, turns, body.path("seed").asLong(), dialect.maxTokens(body));
    Speech speech = fault == Fault.EMPTY ? new Speech("", List.of(), false) : said;
    Usage usage =
        new Usage(
            turns.stream().mapToLong(t -> Speech.count(t.text())).sum(), speech.tokens().size());
    bill(request, dialect, model, turns, usage);
    Thread.sleep(now.behaviour().latencyMs());
    if (fault == Fault.SLOW) {
      Thread.sleep(now.behaviour().slowMs());
    }
    Response answer =
        Response.json(
            200, now.headers(), dialect.answer(body, speech, usage, ending(speech, fault)));
    return switch (fault) {
      case RESET_AFTER -> {
        wire.reset();
        yield false;
      }
      case HALF -> {
        wire.writeHalf(answer);
        yield false;
      }
      case MALFORMED -> {
        wire.write(Response.json(200, now.headers(), "{\"choices\": [{\"mess"));
        yield true;
      }
      case ERROR_IN_200 -> {
        wire.write(
            Response.json(
                200, now.headers(), dialect.error(200, "upstream", "502", "The backend is away")));
        yield true;
      }
      case null, default -> {
        wire.write(answer);
        yield true;
      }
    };
  }

  private static Ending ending(Speech speech, @Nullable Fault fault) {
    return switch (fault) {
      case FILTERED -> Ending.FILTERED;
      case REFUSED -> Ending.REFUSED;
      case EMPTY -> Ending.EMPTY;
      case ODD_END -> Ending.ODD;
      case null, default -> speech.truncated() ? Ending.TRUNCATED : Ending.DONE;
    };
  }

  /** Idempotency keys mean nothing here: what comes twice is billed twice. */
  private void bill(Request request, Dialect dialect, String model, List<Turn> turns, Usage usage)
      throws IOException {
    String hash = HexFormat.of().formatHex(Speech.digest(request.body()), 0, 16);
    ObjectNode line =
        JSON.createObjectNode()
            .put("n", accepted.incrementAndGet())
            .put("time", Instant.now().toString())
            .put("interface", dialect.name())
            .put("model", model)
            .put("request", hash)
            .put("last", turns.isEmpty() ? "" : turns.getLast().text())
            .put("inputTokens", usage.input())
            .put("outputTokens", usage.output());
    ledger.append(line.toString());
    times.merge(hash, 1, Integer::sum);
    inputTokens.addAndGet(usage.input());
    outputTokens.addAndGet(usage.output());
  }

  private Optional<Response> turnedAway(
      State now, Request request, JsonNode body, Dialect dialect) {
    Optional<Response> badKey = badKey(now, request, dialect);
    if (badKey.isPresent()) {
      return badKey;
    }
    if (now.rateLimit() != null && !now.rateLimit().take()) {
      return Optional.of(tooMany(now, dialect, millis(now.rateLimit().waitMs())));
    }
    return gone(now, body.path("model").asText())
        ? Optional.of(refusal(now, Fault.MODEL_GONE, dialect))
        : Optional.empty();
  }

  private static Optional<Response> badKey(State now, Request request, Dialect dialect) {
    String wanted = now.behaviour().key();
    String given =
        request
            .headers()
            .getOrDefault(
                "x-api-key",
                request.headers().getOrDefault("authorization", "").replaceFirst("^Bearer ", ""));
    if (wanted == null || wanted.equals(given)) {
      return Optional.empty();
    }
    // OpenAI shows a part of the key; worse servers show all of it.
    String shown =
        given.length() > 12 ? given.substring(0, 6) + "****" + given.substring(10) : given;
    return Optional.of(
        Response.json(
            401,
            Map.of(),
            dialect.error(
                401,
                "invalid_request_error",
                "invalid_api_key",
                "Incorrect API key provided: " + shown + " (" + given + ")")));
  }

  private static boolean gone(State now, String model) {
    Map<String, String> models = now.behaviour().models();
    String end = models.getOrDefault(model, models.isEmpty() ? "" : "1970-01-01");
    return !end.isEmpty() && !LocalDate.now(ZoneOffset.UTC).isBefore(LocalDate.parse(end));
  }

  private static Response tooMany(State now, Dialect dialect, Map<String, String> headers) {
    Map<String, String> all = new LinkedHashMap<>(now.headers());
    all.putAll(headers);
    return Response.json(
        429,
        all,
        dialect.error(429, "rate_limit_error", "rate_limit_exceeded", "Rate limit reached"));
  }

  private static Map<String, String> millis(long wait) {
    return Map.of("retry-after-ms", Long.toString(wait));
  }

  private static Response refusal(State now, Fault fault, Dialect dialect) {
    long wait = now.behaviour().retryAfterMs();
    return switch (fault) {
      case RATE_LIMIT ->
          tooMany(
              now,
              dialect,
              Map.of("Retry-After", Long.toString(Duration.ofMillis(wait).toSeconds())));
      case RATE_LIMIT_DATE ->
          tooMany(
              now,
              dialect,
              Map.of(
                  "Retry-After",
                  DateTimeFormatter.RFC_1123_DATE_TIME.format(
                      ZonedDateTime.now(ZoneOffset.UTC).plus(Duration.ofMillis(wait)))));
      case RATE_LIMIT_MS -> tooMany(now, dialect, millis(wait));
      case QUOTA -> error(dialect, 429, "insufficient_quota", "You exceeded your current quota");
      case ERROR_500 -> error(dialect, 500, "server_error", "The server had an error");
      case OVERLOADED -> error(dialect, 529, "overloaded_error", "Overloaded");
      case TIMEOUT_408 -> error(dialect, 408, "timeout", "Request timeout");
      case CONFLICT_409 -> error(dialect, 409, "conflict", "Conflict");
      case BAD_REQUEST ->
          error(dialect, 400, "invalid_request_error", "'temperature' is not supported");
      case UNPROCESSABLE ->
          Response.json(422, Map.of(), "{\"detail\": \"max_tokens is too large\"}");
      case FORBIDDEN -> error(dialect, 403, "permission_error", "Your country is not served");
      case MODEL_GONE ->
          error(dialect, 404, "model_not_found", "The model does not exist or was shut down");
      default ->
          new Response(
              502, "text/html", Map.of(), "<h1>Bad gateway</h1>".getBytes(StandardCharsets.UTF_8));
    };
  }

  private static Response error(Dialect dialect, int status, String code, String message) {
    return Response.json(status, Map.of(), dialect.error(status, code, code, message));
  }

  /** What it has, and what its keys may do. */
  Response catalog(Request request, String path) {
    State now = state;
    boolean anthropic = request.headers().containsKey("anthropic-version");
    Dialect dialect = anthropic ? Dialect.ANTHROPIC : Dialect.OPENAI;
    Optional<Response> badKey = badKey(now, request, dialect);
    if (badKey.isPresent()) {
      return badKey.get();
    }
    Behaviour behaviour = now.behaviour();
    if (path.equals("/v1/models") && behaviour.modelRoutes() != ModelRoutes.NONE) {
      ObjectNode list = JSON.createObjectNode().put("object", "list").put("has_more", false);
      ArrayNode data = list.putArray("data");
      behaviour.models().forEach((id, end) -> data.add(card(id, end, anthropic)));
      return Response.json(200, Map.of(), list.toString());
    }
    if (path.startsWith("/v1/models/") && behaviour.modelRoutes() == ModelRoutes.ALL) {
      String id = URLDecoder.decode(path.substring(11), StandardCharsets.UTF_8);
      if (behaviour.models().isEmpty() || behaviour.models().containsKey(id)) {
        String end = behaviour.models().getOrDefault(id, "");
        return Response.json(200, Map.of(), card(id, end, anthropic).toString());
      }
    }
    if (path.equals("/v1/fine_tuning/jobs")) {
      return behaviour.fineTuningClosed()
          ? error(dialect, 403, "permission_error", "Fine-tuning is closed to new organizations")
          : Response.json(
              200, Map.of(), "{\"object\": \"list\", \"data\": [], \"has_more\": false}");
    }
    return error(dialect, 404, "not_found_error", "There is no such model or route");
  }

  private static ObjectNode card(String id, String end, boolean anthropic) {
    ObjectNode card = JSON.createObjectNode().put("id", id);
    if (anthropic) {
      card.put("type", "model").put("display_name", id).put("created_at", "2025-01-01T00:00:00Z");
      return end.isEmpty()
          ? card.putNull("retires_at")
          : card.put("retires_at", end + "T00:00:00Z");
    }
    card.put("object", "model").put("created", 1_700_000_000).put("owned_by", "fake");
    return end.isEmpty() ? card.putNull("shutdown_date") : card.put("shutdown_date", end);
  }
}
