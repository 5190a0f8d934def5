package dev.inkling.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Trial;
import dev.inkling.spec.Condition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes the rows of experiments, within the caller's transaction. */
final class ExperimentRows {
  private final Connection connection;

  ExperimentRows(Connection connection) {
    this.connection = connection;
  }

  /** Writes an experiment in place of what was there; its artifacts are written by others. */
  void replace(Facts facts) throws SQLException {
    Plan plan = facts.plan();
    drop(plan.id());
    JsonNode spec = Keys.tree(plan.spec());
    experiment(facts, spec);
    models(plan, spec);
    datasets(plan, spec);
    trials(plan);
    stages(plan);
    results(plan, facts.results());
    comparisons(plan, facts.results());
  }

  /** Removes an experiment; the other tables follow. */
  void drop(String id) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("delete from experiments where id = ?")) {
      delete.setString(1, id);
      delete.executeUpdate();
    }
  }

  private void experiment(Facts facts, JsonNode spec) throws SQLException {
    Plan plan = facts.plan();
    try (Insert rows =
        insert(
            "experiments",
            "id",
            "name",
            "question",
            "preset",
            "state",
            "stages",
            "stages_done",
            "report",
            "made",
            "requests",
            "tokens",
            "usd",
            "spec")) {
      rows.row(
          plan.id(),
          plan.spec().name(),
          plan.spec().question(),
          plan.preset(),
          facts.done() ? State.DONE.word() : State.UNFINISHED.word(),
          plan.stages().size(),
          facts.artifacts().size(),
          facts.report().map(a -> a.manifest().key()),
          facts.made(),
          facts.spend().requests(),
          facts.spend().tokens(),
          facts.spend().usd(),
          spec.toString());
      rows.write();
    }
  }

  private void models(Plan plan, JsonNode spec) throws SQLException {
    try (Insert rows =
        insert(
            "models",
            "experiment",
            "position",
            "name",
            "kind",
            "provider",
            "model",
            "made_from",
            "dataset")) {
      int position = 0;
      for (Map.Entry<String, JsonNode> model : spec.path("models").properties()) {
        JsonNode fields = model.getValue();
        rows.row(
            plan.id(),
            position++,
            model.getKey(),
            fields.path("type").asText(),
            text(fields, "provider"),
            text(fields, "id"),
            text(fields, "base"),
            text(fields, "dataset"));
      }
      rows.write();
    }
  }

  private void datasets(Plan plan, JsonNode spec) throws SQLException {
    try (Insert rows = insert("datasets", "experiment", "position", "name", "kind", "teacher")) {
      int position = 0;
      for (Map.Entry<String, JsonNode> dataset : spec.path("datasets").properties()) {
        JsonNode fields = dataset.getValue();
        rows.row(
            plan.id(),
            position++,
            dataset.getKey(),
            fields.path("type").asText(),
            text(fields, "teacher"));
      }
      rows.write();
    }
  }

  /** A row for each condition at each seed, with a row for each metric that it is measured by. */
  private void trials(Plan plan) throws SQLException {
    try (Insert trials =
            insert(
                "trials",
                "experiment",
                "position",
                "condition",
                "seed",
                "student",
                "dataset",
                "finetune");
        Insert evaluations =
            insert(
                "evaluations",
                "experiment",
                "position",
                "condition",
                "metric",
                "seed",
                "artifact")) {
      int position = 0;
      for (Trial trial : plan.trials()) {
        Optional<Condition> condition =
            Optional.ofNullable(plan.spec().conditions().get(trial.condition()));
        for (long seed : seeds(plan, trial)) {
          trials.row(
              plan.id(),
              position,
              trial.condition(),
              seed,
              condition.map(Condition::student),
              condition.flatMap(Condition::dataset),
              trial.finetune());
          for (Map.Entry<String, String> evaluation : trial.evaluations().entrySet()) {
            evaluations.row(
                plan.id(),
                position,
                trial.condition(),
                evaluation.getKey(),
                seed,
                evaluation.getValue());
          }
          position++;
        }
      }
      trials.write();
      evaluations.write();
    }
  }

  private static List<Long> seeds(Plan plan, Trial trial) {
    return trial.evaluations().values().stream()
        .findFirst()
        .map(key -> plan.stage(key).seeds())
        .orElse(List.of());
  }

  private void stages(Plan plan) throws SQLException {
    try (Insert stages =
            insert("stages", "experiment", "position", "artifact", "kind", "name", "version");
        Insert inputs = insert("stage_inputs", "experiment", "artifact", "role", "input")) {
      int position = 0;
      for (Stage stage : plan.stages()) {
        stages.row(
            plan.id(),
            position++,
            stage.key(),
            stage.task().activity(),
            stage.name(),
            stage.task().version());
        for (Map.Entry<String, String> input : stage.inputs().entrySet()) {
          inputs.row(plan.id(), stage.key(), input.getKey(), input.getValue());
        }
      }
      stages.write();
      inputs.write();
    }
  }

  private void results(Plan plan, JsonNode results) throws SQLException {
    try (Insert rows =
        insert(
            "results",
            "experiment",
            "position",
            "condition",
            "metric",
            "n",
            "mean",
            "low",
            "high")) {
      int position = 0;
      for (String condition : plan.spec().conditions().keySet()) {
        for (String metric : plan.spec().evaluations().keySet()) {
          Optional<JsonNode> bar =
              results
                  .path("conditions")
                  .valueStream()
                  .filter(b -> b.path("name").asText().equals(condition))
                  .filter(b -> b.path("metric").asText().equals(metric))
                  .findFirst();
          rows.row(
              plan.id(),
              position++,
              condition,
              metric,
              bar.map(b -> whole(b, "n")),
              bar.map(b -> number(b, "mean")),
              bar.map(b -> number(b, "ciLow")),
              bar.map(b -> number(b, "ciHigh")));
        }
      }
      rows.write();
    }
  }

  private void comparisons(Plan plan, JsonNode results) throws SQLException {
    try (Insert rows =
        insert(
            "comparisons",
            "experiment",
            "position",
            "condition",
            "control",
            "metric",
            "n",
            "difference",
            "low",
            "high",
            "p",
            "p_uncorrected",
            "sentence")) {
      int position = 0;
      for (JsonNode c : results.path("comparisons")) {
        rows.row(
            plan.id(),
            position++,
            c.path("a").asText(),
            c.path("b").asText(),
            c.path("metric").asText(),
            whole(c, "n"),
            number(c, "difference"),
            number(c, "ciLow"),
            number(c, "ciHigh"),
            number(c, "p"),
            number(c, "pUncorrected"),
            c.path("sentence").asText());
      }
      rows.write();
    }
  }

  private Insert insert(String table, String... columns) throws SQLException {
    return Insert.into(connection, table, columns);
  }

  /** A text, or a number as text; null where there is none. */
  static @Nullable String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isValueNode() && !value.isNull() ? value.asText() : null;
  }

  static @Nullable Long whole(JsonNode node, String field) {
    return node.path(field).canConvertToLong() ? (Long) node.path(field).asLong() : null;
  }

  static @Nullable Double number(JsonNode node, String field) {
    return node.path(field).isNumber() ? (Double) node.path(field).asDouble() : null;
  }
}
