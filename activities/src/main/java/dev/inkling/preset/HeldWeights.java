package dev.inkling.preset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.OpenModel;
import dev.inkling.spec.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A spec about a hosted model in which somebody has put weights in its place, as in {@code --set
 * models.base.id=hf:owner/name}: the model becomes one that the worker runs, and what a provider
 * would have fine-tuned gets low-rank adapters, with as many epochs, rows in a step and rows. What
 * only a provider can be told is refused, and whatever else is given is the new kind's.
 */
final class HeldWeights {
  private static final String MODELS = "models";
  private static final String FINETUNE = "finetune";
  private static final String TYPE = "type";
  private static final String TRAINING = "training";

  /** What fine-tuning by a provider and by a worker have in common. */
  private static final List<String> COMMON = List.of("epochs", "batchSize", "maxRows");

  private static final List<String> SERVERS =
      List.of("endpoint", "requestsPerMinute", "tokensPerMinute", "batch");

  private static final List<String> TRAINERS = List.of("learningRateMultiplier", "seed", "suffix");

  private final List<Problem> problems = new ArrayList<>();

  private HeldWeights() {}

  /**
   * Changes the document where that is so.
   *
   * @throws InvalidSpecException if it says what only a provider can be told
   */
  static ObjectNode in(ObjectNode document) throws InvalidSpecException {
    if (document.get(MODELS) instanceof ObjectNode models) {
      HeldWeights weights = new HeldWeights();
      weights.put(models, document.path("conditions"));
      if (!weights.problems.isEmpty()) {
        throw new InvalidSpecException(weights.problems);
      }
    }
    return document;
  }

  private void put(ObjectNode models, JsonNode conditions) {
    Set<String> open = new HashSet<>();
    for (Map.Entry<String, JsonNode> model : List.copyOf(models.properties())) {
      if (model.getValue() instanceof ObjectNode given
          && has(given, TYPE, "hosted")
          && OpenModel.isId(given.path("id").asText())) {
        models.set(model.getKey(), opened(given, MODELS + "." + model.getKey()));
        open.add(model.getKey());
      }
    }
    if (!open.isEmpty()) {
      grow(models, open);
      models
          .properties()
          .forEach(m -> adapt(m.getValue(), MODELS + "." + m.getKey(), "base", open));
      conditions
          .properties()
          .forEach(c -> adapt(c.getValue(), "conditions." + c.getKey(), "student", open));
    }
  }

  private ObjectNode opened(ObjectNode hosted, String path) {
    refuse(SERVERS, hosted, path);
    ObjectNode open = JsonNodeFactory.instance.objectNode().put(TYPE, "open");
    hosted.properties().stream()
        .filter(field -> !field.getKey().equals(TYPE) && !field.getKey().equals("provider"))
        .filter(field -> !SERVERS.contains(field.getKey()))
        .forEach(field -> open.set(field.getKey(), field.getValue()));
    return open;
  }

  private void refuse(List<String> fields, ObjectNode given, String path) {
    for (String field : fields) {
      if (given.hasNonNull(field)) {
        problems.add(
            new Problem(
                path + "." + field,
                "is for a provider, and the id leads to weights that the worker runs itself; leave"
                    + " it out, or set it to null"));
      }
    }
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

  private void adapt(JsonNode part, String path, String from, Set<String> open) {
    if (part instanceof ObjectNode object
        && open.contains(part.path(from).asText())
        && part.get(FINETUNE) instanceof ObjectNode how
        && has(how, TYPE, FinetuneSpec.HOSTED)) {
      refuse(TRAINERS, how, path + "." + FINETUNE);
      ObjectNode lora = JsonNodeFactory.instance.objectNode().put(TYPE, FinetuneSpec.LORA);
      ObjectNode training =
          how.get(TRAINING) instanceof ObjectNode own ? own : JsonNodeFactory.instance.objectNode();
      lora.set(TRAINING, training);
      for (Map.Entry<String, JsonNode> field : how.properties()) {
        if (COMMON.contains(field.getKey())) {
          training.putIfAbsent(field.getKey(), field.getValue());
        } else if (!TRAINERS.contains(field.getKey())) {
          lora.putIfAbsent(field.getKey(), field.getValue());
        }
      }
      object.set(FINETUNE, lora);
    }
  }

  private static boolean has(JsonNode node, String field, String text) {
    return node.path(field).asText().equals(text);
  }
}
