package dev.inkling.preset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.OpenModel;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A spec about a hosted model in which somebody has put weights in its place, as in {@code --set
 * models.base.id=hf:owner/name}: the model becomes one that the worker runs, and what a provider
 * would have fine-tuned gets low-rank adapters, with as many epochs, rows in a step and rows.
 */
final class HeldWeights {
  private static final String MODELS = "models";
  private static final String FINETUNE = "finetune";
  private static final String TYPE = "type";

  /** What fine-tuning by a provider and by a worker have in common. */
  private static final List<String> COMMON = List.of("epochs", "batchSize", "maxRows");

  private HeldWeights() {}

  /** Changes the document where that is so. */
  static ObjectNode in(ObjectNode document) {
    if (!(document.get(MODELS) instanceof ObjectNode models)) {
      return document;
    }
    Set<String> open = new HashSet<>();
    for (Map.Entry<String, JsonNode> model : List.copyOf(models.properties())) {
      JsonNode given = model.getValue();
      if (has(given, TYPE, "hosted") && OpenModel.isId(given.path("id").asText())) {
        models.set(model.getKey(), opened(given));
        open.add(model.getKey());
      }
    }
    if (!open.isEmpty()) {
      grow(models, open);
      for (JsonNode model : models) {
        adapt(model, "base", open);
      }
      for (JsonNode condition : document.path("conditions")) {
        adapt(condition, "student", open);
      }
    }
    return document;
  }

  private static ObjectNode opened(JsonNode hosted) {
    ObjectNode open = JsonNodeFactory.instance.objectNode().put(TYPE, "open");
    open.set("id", hosted.get("id"));
    for (String kept : List.of("adapter", "maxInFlight", "checkpointSteps")) {
      if (hosted.has(kept)) {
        open.set(kept, hosted.get(kept));
      }
    }
    return open;
  }

  /** Those that are made from open ones are open too. */
  private static void grow(ObjectNode models, Set<String> open) {
    boolean more = true;
    while (more) {
      more = false;
      for (Map.Entry<String, JsonNode> model : models.properties()) {
        more |= open.contains(model.getValue().path("base").asText()) && open.add(model.getKey());
      }
    }
  }

  private static void adapt(JsonNode part, String from, Set<String> open) {
    JsonNode how = part.path(FINETUNE);
    if (part instanceof ObjectNode object
        && open.contains(part.path(from).asText())
        && has(how, TYPE, FinetuneSpec.HOSTED)) {
      ObjectNode lora = JsonNodeFactory.instance.objectNode().put(TYPE, FinetuneSpec.LORA);
      ObjectNode training = lora.putObject("training");
      COMMON.stream().filter(how::has).forEach(field -> training.set(field, how.get(field)));
      object.set(FINETUNE, lora);
    }
  }

  private static boolean has(JsonNode node, String field, String text) {
    return node.path(field).asText().equals(text);
  }
}
