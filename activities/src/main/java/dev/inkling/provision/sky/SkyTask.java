package dev.inkling.provision.sky;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.inkling.provision.InfraFile;
import dev.inkling.provision.Node;
import dev.inkling.provision.ProvisionException;
import dev.inkling.spec.Compute;
import dev.inkling.workflow.ClusterRequest;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The task that SkyPilot is handed: the page {@code infra/sky/worker.yaml} with the request's own
 * in it.
 *
 * @param owner whose machine it is, for people
 */
record SkyTask(ClusterRequest request, Compute.Candidate candidate, Terms terms, String owner) {
  /** The folder on the machine, below its user's home. */
  String folder() {
    return ".inkling/" + request.queue();
  }

  /**
   * The document.
   *
   * @param environment the file with the worker's environment here; its content is not shown
   */
  String render(Node node, Path environment) throws ProvisionException {
    Compute.Sky compute = (Compute.Sky) request.compute();
    ObjectNode page = page();
    page.put("name", SkyJob.nameOf(request.generation()));
    ObjectNode resources = (ObjectNode) page.get("resources");
    candidate.infra().ifPresent(where -> resources.put("infra", where));
    candidate.accelerators().ifPresent(kind -> resources.put("accelerators", kind));
    if (candidate.spot()) {
      resources.put("use_spot", true);
    }
    ((ObjectNode) resources.get("autostop")).put("idle_minutes", terms.autostop());
    ObjectNode labels = (ObjectNode) resources.get("labels");
    SkyLabels.of(request, owner, terms).forEach(labels::put);
    ObjectNode envs = (ObjectNode) page.get("envs");
    envs.put("INKLING_DIRECTORY", folder());
    envs.put("INKLING_WORKER", String.join(" ", Node.arguments(within(compute))));
    envs.put("INKLING_GPUS", Integer.toString(gpus()));
    envs.put("INKLING_SECONDS", Long.toString(terms.work().toSeconds()));
    envs.put("INKLING_END", Long.toString(terms.workEnds().getEpochSecond()));
    ObjectNode mounts = (ObjectNode) page.get("file_mounts");
    mounts.put("~/" + folder() + "/inkling.jar", node.archive().toString());
    node.libraries()
        .ifPresent(libraries -> mounts.put("~/" + folder() + "/lib", libraries.toString()));
    mounts.put("~/" + folder() + "/environment", environment.toString());
    page.put(
        "setup",
        page.get("setup")
            .asText()
            .replace("@LIBRARIES@", InfraFile.GPU_LIBRARIES.text())
            // Last, so that nothing in it is taken for one of ours.
            .replace("@SETUP@", compute.setup().orElse("")));
    return write(page);
  }

  /** The request with the lifetime that its money pays for. */
  private ClusterRequest within(Compute.Sky all) {
    return new ClusterRequest(
        request.experiment(),
        request.workflowId(),
        request.generation(),
        new Compute.Sky(
            all.precision(),
            all.parallel(),
            all.accelerators(),
            all.infra(),
            all.spot(),
            all.anyOf(),
            all.setup(),
            all.idleMinutes(),
            terms.work().toMillis() / 3.6e6,
            all.maxUsd(),
            all.waitHours()));
  }

  private int gpus() {
    return candidate
        .accelerators()
        .map(kind -> kind.contains(":") ? Integer.parseInt(kind.replaceFirst(".*:", "")) : 1)
        .orElse(0);
  }

  private static ObjectMapper yaml() {
    return new ObjectMapper(
        YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE)
            .build());
  }

  private static ObjectNode page() {
    try {
      return (ObjectNode) yaml().readTree(InfraFile.SKY_TASK.text());
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("infra/sky/worker.yaml is no YAML", e);
    }
  }

  private static String write(ObjectNode page) {
    try {
      return yaml().writeValueAsString(page);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("A tree of texts and numbers cannot be written", e);
    }
  }

  /** The worker's environment as a file that a shell reads. */
  static String environment(Map<String, String> values) {
    StringBuilder file = new StringBuilder();
    values.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            entry ->
                file.append(entry.getKey())
                    .append("='")
                    .append(entry.getValue().replace("'", "'\\''"))
                    .append("'\n"));
    return file.toString();
  }
}
