package dev.inkling.provision.slurm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.workflow.ClusterRequest;
import java.util.Optional;

/**
 * What a job's comment says of it: JSON in ASCII and without spaces, which every version of Slurm,
 * every plugin and every shell on the way leaves as it is.
 *
 * @param accelerators kind and number of GPUs, as {@code h100:1}; empty for none
 */
record Labels(
    String experiment, String workflowId, int generation, String owner, String accelerators) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  /** The format's version; a comment without it is not ours. */
  private static final String MARKER = "inkling";

  static Labels of(ClusterRequest request, String owner, String accelerators) {
    return new Labels(
        request.experiment(), request.workflowId(), request.generation(), owner, accelerators);
  }

  String comment() {
    ObjectNode labels =
        JSON.createObjectNode()
            .put(MARKER, 1)
            .put("experiment", experiment)
            .put("workflow", workflowId)
            .put("generation", generation)
            .put("owner", owner)
            .put("gpus", accelerators);
    try {
      return JSON.writeValueAsString(labels).replace(" ", "\\u0020");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Labels are always JSON", e);
    }
  }

  /** Empty for somebody else's comment. */
  static Optional<Labels> read(String comment) {
    try {
      JsonNode labels = JSON.readTree(comment);
      return labels.path(MARKER).isInt()
          ? Optional.of(
              new Labels(
                  labels.path("experiment").asText(),
                  labels.path("workflow").asText(),
                  labels.path("generation").asInt(),
                  labels.path("owner").asText(),
                  labels.path("gpus").asText()))
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
