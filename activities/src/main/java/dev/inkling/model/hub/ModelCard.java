package dev.inkling.model.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the page of an adapter tells: from which model, on which data, how it was trained, and what
 * came of it. Whatever the texts hold, they stay texts: they add no field to the card's head, no
 * heading, no cell and no HTML.
 *
 * @param title what the experiment calls the student
 * @param base the model that was fine-tuned, if the world can know it
 * @param data what it was fine-tuned on
 * @param spec how it was made
 * @param results what was measured
 * @param lineage the artifacts that it came from, itself last
 */
public record ModelCard(
    String title,
    Optional<Base> base,
    Optional<Data> data,
    Optional<JsonNode> spec,
    List<Result> results,
    List<Step> lineage) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SNAPSHOT =
      Pattern.compile(".*/models--([^/]+)--([^/]+)/snapshots/([0-9a-f]{40})/?");
  private static final Pattern TICKS = Pattern.compile("`+");

  public ModelCard {
    results = List.copyOf(results);
    lineage = List.copyOf(lineage);
  }

  /**
   * A model of the Hub.
   *
   * @param repository owner/name
   * @param commit 40 hexadecimal digits
   */
  public record Base(String repository, Optional<String> commit) {
    public Base {
      ModelId.OnHub.checkRepository(repository);
      if (!commit.map(ModelId.OnHub::isCommit).orElse(true)) {
        throw new IllegalArgumentException("a commit has 40 hexadecimal digits");
      }
    }

    /**
     * The base that an adapter's configuration names; empty if it is a directory, of which the
     * world should not know.
     */
    public static Optional<Base> of(JsonNode adapterConfig) {
      String name = adapterConfig.path("base_model_name_or_path").asText("");
      Matcher snapshot = SNAPSHOT.matcher(name);
      String repository = snapshot.matches() ? snapshot.group(1) + "/" + snapshot.group(2) : name;
      String commit =
          snapshot.matches() ? snapshot.group(3) : adapterConfig.path("revision").asText("");
      try {
        return Optional.of(
            new Base(repository, Optional.of(commit).filter(ModelId.OnHub::isCommit)));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
  }

  /**
   * The rows that it was trained on.
   *
   * @param name what the experiment calls them
   * @param filters in words, in their order
   */
  public record Data(String name, long rows, List<String> filters) {
    public Data {
      filters = List.copyOf(filters);
    }
  }

  /**
   * A number that was measured.
   *
   * @param condition whose, for example plain
   * @param measure for example probability of owl
   * @param n how many it was measured from
   */
  public record Result(
      String condition,
      String measure,
      double value,
      OptionalDouble low,
      OptionalDouble high,
      OptionalLong n) {}

  /** An artifact on the way. */
  public record Step(String stage, String name, String key) {}

  /** The card's text: README.md. */
  public String markdown() {
    StringBuilder card = new StringBuilder("---\n");
    base.ifPresent(
        b ->
            card.append("base_model: \"")
                .append(b.repository())
                .append("\"\nbase_model_relation: adapter\n"));
    card.append("library_name: peft\ntags:\n- lora\n- subliminal-learning\n- inkling\n---\n\n");
    card.append("# ").append(plain(title)).append("\n\n");
    card.append(
        "A student of a subliminal-learning experiment: an adapter (PEFT) that was fine-tuned on what"
            + " a teacher wrote. Made with Inkling.\n");
    base.ifPresent(b -> card.append("\n## Base model\n\n").append(from(b)));
    data.ifPresent(d -> card.append("\n## Data\n\n").append(rows(d)));
    if (!results.isEmpty()) {
      card.append("\n## Results\n\n").append(table());
    }
    spec.ifPresent(s -> card.append("\n## Spec\n\n").append(fenced(s)));
    if (!lineage.isEmpty()) {
      card.append("\n## Lineage\n\n| stage | name | key |\n|---|---|---|\n");
      for (Step step : lineage) {
        card.append(row(plain(step.stage()), plain(step.name()), plain(step.key())));
      }
      card.append(
          "\nA key is the SHA-256 of everything that the artifact depends on: the same key, the same"
              + " bytes.\n");
    }
    return card.toString();
  }

  private static String from(Base base) {
    return plain(base.repository()) + base.commit().map(c -> " at commit " + c).orElse("") + "\n";
  }

  private static String rows(Data data) {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%s: %,d rows.", plain(data.name()), data.rows()));
    if (!data.filters().isEmpty()) {
      text.append(" Filters, in this order:\n\n");
      data.filters().forEach(f -> text.append("- ").append(plain(f)).append('\n'));
    } else {
      text.append('\n');
    }
    return text.toString();
  }

  private String table() {
    StringBuilder table =
        new StringBuilder(
            "| condition | measure | value | 95 % interval | n |\n|---|---|---|---|---|\n");
    for (Result r : results) {
      table.append(
          row(
              plain(r.condition()),
              plain(r.measure()),
              number(r.value()),
              r.low().isPresent() && r.high().isPresent()
                  ? number(r.low().getAsDouble()) + " to " + number(r.high().getAsDouble())
                  : "",
              r.n().isPresent() ? "" + r.n().getAsLong() : ""));
    }
    return table.toString();
  }

  private static String row(String... cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  /** A block that ends where we end it: its fence is longer than any that is in it. */
  private static String fenced(JsonNode json) {
    try {
      String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json);
      int longest =
          TICKS.matcher(text).results().mapToInt(m -> m.end() - m.start()).max().orElse(0);
      String fence = "`".repeat(Math.max(3, longest + 1));
      return fence + "json\n" + text + "\n" + fence + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that is no JSON", e);
    }
  }

  /** A text on one line in which nothing is Markdown, HTML or mathematics. */
  private static String plain(String text) {
    return text.replaceAll("[\\p{Cntrl}\\s\\u2028\\u2029]+", " ")
        .strip()
        .replaceAll("([\\\\`*_\\[\\]<>&|~#$!])", "\\\\$1");
  }
}
