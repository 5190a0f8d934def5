package dev.inkling.model.hosted;

import dev.inkling.spec.HostedModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * What models cost: a list that comes along and has a date, and over it the user's own file. A
 * model that neither names has no price; its cost is unknown, never zero.
 */
public final class Prices {
  /** The user's own list in INKLING_HOME. */
  public static final String FILE = "prices.yaml";

  /** A snapshot costs what its model costs: gpt-4o-2024-08-06, claude-haiku-4-5-20251001. */
  private static final Pattern SNAPSHOT =
      Pattern.compile("(.+?)-(?:\\d{4}-\\d{2}-\\d{2}|\\d{8}|latest)");

  /** A fine-tuned model costs what others of its base cost: ft:gpt-4o-2024-08-06:org::id. */
  private static final Pattern FINE_TUNED = Pattern.compile("(ft:[^:]+):.*");

  private static final Pattern BASE = Pattern.compile("ft:([^:]+)(?::.*)?");

  private final LocalDate asOf;
  private final Map<String, Map<String, Price>> prices;
  private final Map<String, BigDecimal> batches;

  private Prices(
      LocalDate asOf, Map<String, Map<String, Price>> prices, Map<String, BigDecimal> batches) {
    this.asOf = asOf;
    this.prices = prices;
    this.batches = batches;
  }

  /** The list that comes along. */
  public static Prices bundled() {
    try (InputStream list = Objects.requireNonNull(Prices.class.getResourceAsStream(FILE))) {
      return parse(new String(list.readAllBytes(), StandardCharsets.UTF_8), FILE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * This list with the user's own over it, if there is one. It has the form of the list that comes
   * along: {@code asOf}, {@code prices} by server and model, and {@code batch} by server.
   *
   * @throws IOException if the file is there and cannot be read or understood
   */
  public Prices with(Path file) throws IOException {
    if (!Files.exists(file)) {
      return this;
    }
    Prices own = parse(Files.readString(file), file.toString());
    Map<String, Map<String, Price>> merged = new HashMap<>();
    prices.forEach((server, models) -> merged.put(server, new HashMap<>(models)));
    own.prices.forEach(
        (server, models) -> merged.computeIfAbsent(server, _ -> new HashMap<>()).putAll(models));
    Map<String, BigDecimal> mergedBatches = new HashMap<>(batches);
    mergedBatches.putAll(own.batches);
    return new Prices(asOf.isAfter(own.asOf) ? asOf : own.asOf, merged, mergedBatches);
  }

  /** The day on which the prices were looked up; of two lists the later one. */
  public LocalDate asOf() {
    return asOf;
  }

  /** What a model costs where it is asked: an endpoint has prices of its own, or none. */
  public Optional<Price> of(HostedModel model) {
    return of(model.server(), model.id());
  }

  /**
   * What a model costs in a batch. A server of which the list does not say that its batches are
   * cheaper is taken to ask the same for them: so no budget is passed.
   */
  public Optional<Price> inBatch(HostedModel model) {
    return of(model).map(p -> p.times(batches.getOrDefault(model.server(), BigDecimal.ONE)));
  }

  /** What a model costs as its spec has it asked: in batches or directly. */
  public Optional<Price> asAsked(HostedModel model) {
    return model.batch() ? inBatch(model) : of(model);
  }

  /**
   * What a model costs at a server.
   *
   * @param server a provider or an endpoint, for example openai or together
   */
  public Optional<Price> of(String server, String id) {
    Map<String, Price> models = prices.getOrDefault(server, Map.of());
    Matcher fineTuned = FINE_TUNED.matcher(id);
    String name = fineTuned.matches() ? fineTuned.group(1) : id;
    Price exact = models.get(name);
    if (exact != null) {
      return Optional.of(exact);
    }
    Matcher snapshot = SNAPSHOT.matcher(name);
    return snapshot.matches()
        ? Optional.ofNullable(models.get(snapshot.group(1)))
        : Optional.empty();
  }

  /**
   * What fine-tuning a model on so many tokens costs, where that is known; a model that was
   * fine-tuned before costs what its base does.
   */
  public Optional<BigDecimal> training(HostedModel model, long tokens) {
    Matcher again = BASE.matcher(model.id());
    String base = again.matches() ? again.group(1) : model.id();
    return of(model.server(), base).flatMap(price -> price.usdForTraining(tokens));
  }

  /** What a model costs that is yet to be fine-tuned from another, as that one is asked. */
  public Optional<Price> finetuned(HostedModel base) {
    return asAsked(base.id().startsWith("ft:") ? base : base.named("ft:" + base.id()));
  }

  private static Prices parse(String yaml, String source) throws IOException {
    try {
      LoaderOptions options = new LoaderOptions();
      options.setAllowDuplicateKeys(false);
      Map<?, ?> tree = map("the file", new Yaml(new SafeConstructor(options)).load(yaml));
      Map<String, Map<String, Price>> prices = new HashMap<>();
      map("prices", tree.get("prices"))
          .forEach((server, models) -> prices.put(String.valueOf(server), prices(server, models)));
      return new Prices(date(tree.get("asOf")), prices, batches(tree.get("batch")));
    } catch (YAMLException | IllegalArgumentException e) {
      throw new IOException(
          source
              + " is not a price list: "
              + e.getMessage()
              + ". It needs asOf: 2026-11-22 and prices: {openai: {some-model: {input: 0.1, output:"
              + " 0.4}}}, in US dollars for a million tokens.",
          e);
    }
  }

  private static Map<String, Price> prices(Object server, @Nullable Object models) {
    Map<String, Price> prices = new HashMap<>();
    map(server, models)
        .forEach(
            (model, price) -> {
              Map<?, ?> fields = map(model, price);
              prices.put(
                  String.valueOf(model),
                  new Price(
                      number(model, fields, "input"),
                      number(model, fields, "output"),
                      fields.containsKey("training")
                          ? Optional.of(number(model, fields, "training"))
                          : Optional.empty()));
            });
    return prices;
  }

  private static Map<String, BigDecimal> batches(@Nullable Object batch) {
    Map<String, BigDecimal> batches = new HashMap<>();
    if (batch != null) {
      Map<?, ?> factors = map("batch", batch);
      for (Object server : factors.keySet()) {
        batches.put(String.valueOf(server), number("batch", factors, String.valueOf(server)));
      }
    }
    return batches;
  }

  private static Map<?, ?> map(Object name, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new IllegalArgumentException(name + " is not a table");
  }

  private static BigDecimal number(Object model, Map<?, ?> fields, String name) {
    if (fields.get(name) instanceof Number number) {
      return new BigDecimal(number.toString());
    }
    throw new IllegalArgumentException(model + " needs a number for " + name);
  }

  /** YAML itself takes 2026-11-22 for a date. */
  private static LocalDate date(@Nullable Object value) {
    if (value instanceof Date date) {
      return LocalDate.ofInstant(date.toInstant(), ZoneOffset.UTC);
    }
    throw new IllegalArgumentException("asOf is not a date");
  }
}
