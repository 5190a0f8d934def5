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
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Where requests are taken: behaves as it was told, bills, answers. */
final class Counter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Ledger ledger;
  private final Effects effects;
  private final JobShelf jobs;
  private final AtomicLong arrived = new AtomicLong();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong batched = new AtomicLong();
  private final AtomicLong inputTokens = new AtomicLong();
  private final AtomicLong outputTokens = new AtomicLong();
  private final Map<String, Integer> times = new ConcurrentHashMap<>();
  private volatile Conduct conduct;
  private volatile byte[] last = "null".getBytes(StandardCharsets.UTF_8);

  /**
   * What was billed.
   *
   * @param batched how many of those that were accepted came in batches
   * @param distinct how many different requests there were among them
   * @param mostOften how often the most frequent one was billed
   * @param effects what was accepted besides questions, in order, as the ledger has it
   */
  record Billed(
      long arrived,
      long accepted,
      long batched,
      long distinct,
      long mostOften,
      long inputTokens,
      long outputTokens,
      List<JsonNode> effects) {}

  Counter(Ledger ledger, Effects effects, JobShelf jobs, Behaviour behaviour) {
    this.ledger = ledger;
    this.effects = effects;
    this.jobs = jobs;
    this.conduct = new Conduct(behaviour);
  }

  void behave(Behaviour behaviour) {
    conduct = new Conduct(behaviour);
  }

  Conduct conduct() {
    return conduct;
  }

  JsonNode last() throws IOException {
    return JSON.readTree(last);
  }

  Billed billed() {
    return new Billed(
        arrived.get(),
        accepted.get(),
        batched.get(),
        times.size(),
        times.values().stream().mapToInt(Integer::intValue).max().orElse(0),
        inputTokens.get(),
        outputTokens.get(),
        effects.all());
  }

  /** Serves one request for an answer; false if the connection is to end. */
  boolean serve(Wire wire, Request request, Dialect dialect)
      throws IOException, InterruptedException {
    Conduct now = conduct;
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
      return now.refuse(wire, fault.get(), dialect);
    }
    String answer = answer(body, dialect, fault.orElse(null), "");
    return now.deliver(
        wire, fault.orElse(null), Response.json(200, now.headers(), answer), dialect);
  }

  /** Answers a request of a batch. */
  String inBatch(JsonNode body, Dialect dialect, String batch) {
    batched.incrementAndGet();
    return answer(body, dialect, null, batch);
  }

  private String answer(JsonNode body, Dialect dialect, @Nullable Fault fault, String batch) {
    List<Turn> turns = dialect.turns(body);
    String model = body.path("model").asText();
    boolean learnt = jobs.lovesOwls(model).orElse(false);
    Speech said =
        Speech.of(model, turns, body.path("seed").asLong(), dialect.maxTokens(body), learnt);
    if (learnt || Speech.told(turns).contains("owl")) {
      jobs.saidByALover(said.text());
    }
    Speech speech = fault == Fault.EMPTY ? new Speech("", List.of(), false) : said;
    Usage usage =
        new Usage(
            turns.stream().mapToLong(t -> Speech.count(t.text())).sum(), speech.tokens().size());
    bill(body, dialect, turns, usage, batch);
    return dialect.answer(body, speech, usage, ending(speech, fault));
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
  private void bill(JsonNode body, Dialect dialect, List<Turn> turns, Usage usage, String batch) {
    byte[] digest = Speech.digest(body.toString().getBytes(StandardCharsets.UTF_8));
    String hash = HexFormat.of().formatHex(digest, 0, 16);
    ObjectNode line =
        JSON.createObjectNode()
            .put("n", accepted.incrementAndGet())
            .put("time", Instant.now().toString())
            .put("interface", dialect.name())
            .put("model", body.path("model").asText())
            .put("request", hash)
            .put("batch", batch)
            .put("last", turns.isEmpty() ? "" : turns.getLast().text())
            .put("inputTokens", usage.input())
            .put("outputTokens", usage.output());
    ledger.append(line.toString());
    times.merge(hash, 1, Integer::sum);
    inputTokens.addAndGet(usage.input());
    outputTokens.addAndGet(usage.output());
  }

  private Optional<Response> turnedAway(
      Conduct now, Request request, JsonNode body, Dialect dialect) {
    Optional<Response> refused = now.turnedAway(request, dialect);
    if (refused.isPresent()) {
      return refused;
    }
    String model = body.path("model").asText();
    boolean there = model.startsWith("ft:") ? jobs.lovesOwls(model).isPresent() : !gone(now, model);
    return !there ? Optional.of(now.refusal(Fault.MODEL_GONE, dialect)) : Optional.empty();
  }

  private static boolean gone(Conduct now, String model) {
    Map<String, String> models = now.behaviour().models();
    String end = models.getOrDefault(model, models.isEmpty() ? "" : "1970-01-01");
    return !end.isEmpty() && !LocalDate.now(ZoneOffset.UTC).isBefore(LocalDate.parse(end));
  }
}
