package dev.inkling.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provider.Dialect.Ending;
import dev.inkling.provider.Dialect.Usage;
import dev.inkling.provider.Speech.Turn;
import dev.inkling.provider.Wire.Request;
import dev.inkling.provider.Wire.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.HexFormat;
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

    Response refusal(Fault fault, Dialect dialect) {
      return Refusal.of(fault, dialect, behaviour.retryAfterMs(), headers());
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

  Behaviour behaviour() {
    return state.behaviour();
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
      wire.write(now.refusal(fault.get(), dialect));
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
    Optional<Response> badKey = Refusal.badKey(now.behaviour(), request, dialect);
    if (badKey.isPresent()) {
      return badKey;
    }
    if (now.rateLimit() != null && !now.rateLimit().take()) {
      return Optional.of(
          Refusal.tooMany(dialect, now.headers(), Refusal.millis(now.rateLimit().waitMs())));
    }
    return gone(now, body.path("model").asText())
        ? Optional.of(now.refusal(Fault.MODEL_GONE, dialect))
        : Optional.empty();
  }

  private static boolean gone(State now, String model) {
    Map<String, String> models = now.behaviour().models();
    String end = models.getOrDefault(model, models.isEmpty() ? "" : "1970-01-01");
    return !end.isEmpty() && !LocalDate.now(ZoneOffset.UTC).isBefore(LocalDate.parse(end));
  }
}
