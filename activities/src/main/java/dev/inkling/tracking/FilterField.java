package dev.inkling.tracking;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a filter may speak of. Each is a piece of SQL over {@code experiments e} and, for those of
 * conditions, {@code results r}.
 */
public enum FilterField {
  EXPERIMENT(Kind.TEXT, "e.id", "the id"),
  NAME(Kind.TEXT, "e.name", "the experiment's name"),
  QUESTION(Kind.TEXT, "e.question", "what it asks"),
  PRESET(Kind.TEXT, "e.preset", "the preset it started from"),
  STATE(Kind.STATE, "e.state", "done or unfinished"),
  MADE(Kind.TIME, "e.made", "when its report was made, such as 2026-11-22 or 2026-11-22T08"),
  USD(Kind.NUMBER, "e.usd", "what its answers have cost"),
  TOKENS(Kind.NUMBER, "e.tokens", "tokens sent and received"),
  REQUESTS(Kind.NUMBER, "e.requests", "requests sent"),
  SEED(Kind.NUMBER, "trials t", "t.seed", "one of its seeds"),
  MODEL(
      Kind.TEXT,
      "(select experiment, name as word from models union all"
          + " select experiment, model from models where model is not null) m",
      "m.word",
      "one of its models, as the spec or the provider calls it"),
  DATASET(Kind.TEXT, "datasets d", "d.name", "one of its datasets"),
  JOB(
      Kind.TEXT,
      "(select s.experiment, j.job as word from stages s join jobs j on j.artifact = s.artifact"
          + " union all select s.experiment, j.model from stages s join jobs j"
          + " on j.artifact = s.artifact) f",
      "f.word",
      "a fine-tuning job or the model that it made, by the provider's name"),
  CONDITION(Kind.TEXT, "r.condition", "a condition"),
  METRIC(Kind.TEXT, "r.metric", "a metric"),
  MEAN(Kind.NUMBER, "r.mean", "the condition's mean"),
  LOW(Kind.NUMBER, "r.low", "the lower end of its 95 % interval"),
  HIGH(Kind.NUMBER, "r.high", "the upper end"),
  N(Kind.NUMBER, "r.n", "how many values the mean is over"),
  P(
      Kind.NUMBER,
      "comparisons c",
      "c.condition = r.condition and c.metric = r.metric and c.p",
      "the corrected p-value of a comparison of the condition with a control");

  /** How values are compared. */
  enum Kind {
    TEXT("= != ~"),
    STATE("= !="),
    TIME("= != < <= > >= ~"),
    NUMBER("= != < <= > >=");

    private final String operators;

    Kind(String operators) {
      this.operators = operators;
    }

    List<String> operators() {
      return List.of(operators.split(" "));
    }
  }

  private final Kind kind;
  private final Optional<String> table;
  private final String expression;
  private final String meaning;

  /** A field with one value for each experiment or condition. */
  FilterField(Kind kind, String expression, String meaning) {
    this(kind, Optional.empty(), expression, meaning);
  }

  /** A field of which an experiment has several: the rows of a table with its id. */
  FilterField(Kind kind, String table, String expression, String meaning) {
    this(kind, Optional.of(table), expression, meaning);
  }

  FilterField(Kind kind, Optional<String> table, String expression, String meaning) {
    this.kind = kind;
    this.table = table;
    this.expression = expression;
    this.meaning = meaning;
  }

  /** As people write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What it means, for people. */
  public String meaning() {
    return meaning;
  }

  Kind kind() {
    return kind;
  }

  /** Whether it is about conditions rather than about the experiment as a whole. */
  boolean ofConditions() {
    return compareTo(CONDITION) >= 0;
  }

  /**
   * A condition in SQL, with a question mark for the value. "Not" is the contrary of "is": of
   * fields with several values it says that none of them is, and a missing text is an empty one.
   */
  String sql(String operator) {
    String value = kind == Kind.NUMBER ? expression : "coalesce(" + expression + ", '')";
    String test =
        switch (operator) {
          case "~" -> "lower(" + value + ") like lower(?) escape '\\'";
          case "!=" -> table.isPresent() ? value + " = ?" : value + " <> ?";
          default -> value + " " + operator + " ?";
        };
    if (table.isEmpty()) {
      return test;
    }
    String alias = table.get().substring(table.get().lastIndexOf(' ') + 1);
    return (operator.equals("!=") ? "not exists" : "exists")
        + " (select 1 from "
        + table.get()
        + " where "
        + alias
        + ".experiment = e.id and "
        + test
        + ")";
  }

  /** The field of a word. */
  static Optional<FilterField> of(String word) {
    return Arrays.stream(values()).filter(f -> f.word().equals(word)).findFirst();
  }

  /** All words. */
  static List<String> words() {
    return Arrays.stream(values()).map(FilterField::word).toList();
  }
}
