package dev.inkling.starter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import dev.inkling.model.hub.ModelCard;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.report.Report;
import dev.inkling.row.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What the store knows of an adapter, for its model card: the experiment that it is of, its rows,
 * that experiment's results, and every artifact that it came from.
 */
record AdapterCard(Store store, Artifact artifact) {
  private static final ObjectMapper JSON = new ObjectMapper();

  ModelCard with(Optional<ModelCard.Base> base) throws IOException {
    Optional<Plan> plan = plan();
    Map<String, ModelCard.Step> lineage = new LinkedHashMap<>();
    lineage(artifact.manifest(), lineage);
    return new ModelCard(
        artifact.manifest().name(),
        base,
        data(),
        Optional.of(
            plan.map(p -> withoutPlaces(Keys.tree(p.spec())))
                .orElse(artifact.manifest().identity())),
        plan.isPresent() ? results(plan.get()) : List.of(),
        List.copyOf(lineage.values()));
  }

  /** An experiment that this is a stage of: one with a report, if there is one. */
  private Optional<Plan> plan() {
    List<Plan> plans =
        store.planned().stream()
            .flatMap(id -> store.plan(id).stream())
            .filter(p -> p.stages().stream().map(Stage::key).anyMatch(key()::equals))
            .toList();
    return plans.stream()
        .filter(p -> store.look(p.reportKey()).isPresent())
        .findFirst()
        .or(() -> plans.stream().findFirst());
  }

  private String key() {
    return artifact.manifest().key();
  }

  private Optional<ModelCard.Data> data() throws IOException {
    Optional<Artifact> rows =
        store.look(artifact.manifest().identity().at("/inputs/dataset").asText());
    if (rows.isEmpty() || !rows.get().manifest().files().containsKey(Row.FILE)) {
      return Optional.empty();
    }
    List<String> filters = new ArrayList<>();
    rows.get()
        .manifest()
        .identity()
        .at("/task/filters")
        .forEach(filter -> filters.add(filter.path("type").asText()));
    try (Stream<String> lines = Files.lines(rows.get().file(Row.FILE))) {
      return Optional.of(new ModelCard.Data(rows.get().manifest().name(), lines.count(), filters));
    }
  }

  private List<ModelCard.Result> results(Plan plan) throws IOException {
    Optional<Artifact> report = store.look(plan.reportKey());
    if (report.isEmpty()) {
      return List.of();
    }
    List<ModelCard.Result> results = new ArrayList<>();
    JsonNode all = JSON.readTree(Files.readAllBytes(report.get().file(Report.RESULTS)));
    for (JsonNode bar : all.path("conditions")) {
      results.add(
          new ModelCard.Result(
              bar.path("name").asText(),
              bar.path("metric").asText(),
              bar.path("mean").asDouble(),
              number(bar.path("ciLow")),
              number(bar.path("ciHigh")),
              OptionalLong.of(bar.path("n").asLong())));
    }
    return results;
  }

  private static OptionalDouble number(JsonNode node) {
    return node.isNumber() ? OptionalDouble.of(node.asDouble()) : OptionalDouble.empty();
  }

  /** Where files lie on this machine is not for the world: their names are enough. */
  private static JsonNode withoutPlaces(JsonNode node) {
    return switch (node) {
      case ObjectNode object -> {
        ObjectNode cleared = JsonNodeFactory.instance.objectNode();
        object.properties().forEach(e -> cleared.set(e.getKey(), withoutPlaces(e.getValue())));
        yield cleared;
      }
      case ArrayNode array -> {
        ArrayNode cleared = JsonNodeFactory.instance.arrayNode();
        array.forEach(entry -> cleared.add(withoutPlaces(entry)));
        yield cleared;
      }
      default ->
          node.isTextual() && node.textValue().matches("(\\.{0,2}|~)/[^\\n]*")
              ? JsonNodeFactory.instance.textNode(
                  String.valueOf(Path.of(node.textValue()).getFileName()))
              : node;
    };
  }

  /** What it came from first. */
  private void lineage(Manifest of, Map<String, ModelCard.Step> steps) {
    if (steps.containsKey(of.key())) {
      return;
    }
    for (JsonNode input : of.identity().path("inputs")) {
      store.look(input.asText()).ifPresent(a -> lineage(a.manifest(), steps));
    }
    steps.put(of.key(), new ModelCard.Step(of.stage(), of.name(), of.key()));
  }
}
