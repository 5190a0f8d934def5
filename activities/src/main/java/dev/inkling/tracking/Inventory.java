package dev.inkling.tracking;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import dev.inkling.language.SpendFile;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Stage;
import dev.inkling.preset.Resolver;
import dev.inkling.report.Report;
import dev.inkling.spec.InvalidSpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads from the store what the tracking database is to hold. */
final class Inventory {
  private static final Logger log = LoggerFactory.getLogger(Inventory.class);
  private static final ObjectMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();

  private final Store store;

  Inventory(Store store) {
    this.store = store;
  }

  /**
   * The experiments that the store knows, in the order of their ids: by their plan, or by their
   * newest report, where that was made before plans were kept.
   *
   * @return the plan of each; empty if this version cannot read it
   */
  Map<String, Optional<Plan>> experiments() {
    Map<String, Optional<Plan>> plans = new TreeMap<>();
    for (String id : store.planned()) {
      store.plan(id).ifPresent(plan -> plans.put(id, Optional.of(plan)));
    }
    for (Manifest manifest : store.list()) {
      manifest.reportOf().ifPresent(id -> plans.computeIfAbsent(id, _ -> planOf(manifest)));
    }
    store.planned().forEach(id -> plans.putIfAbsent(id, Optional.empty()));
    return plans;
  }

  /** The plan of one experiment. */
  Optional<Plan> plan(String id) {
    return store
        .plan(id)
        .or(
            () ->
                store.list().stream()
                    .filter(m -> m.reportOf().filter(id::equals).isPresent())
                    .findFirst()
                    .flatMap(this::planOf));
  }

  /**
   * Plans a report's spec again. Its key is a hash over the keys of all stages, so the same key
   * means that this is the plan that it was made from.
   */
  private Optional<Plan> planOf(Manifest report) {
    try {
      Plan plan = Resolver.plan(report.identity().path("spec"));
      if (!plan.reportKey().equals(report.key())) {
        return Optional.empty();
      }
      Optional<String> preset =
          store
              .look(report.key())
              .map(a -> json(a, Report.RESULTS).at("/provenance/preset"))
              .filter(JsonNode::isTextual)
              .map(JsonNode::asText);
      return Optional.of(
          new Plan(plan.id(), preset, plan.spec(), plan.stages(), plan.trials(), plan.reportKey()));
    } catch (InvalidSpecException e) {
      return Optional.empty();
    }
  }

  /** Whether an artifact is there. */
  boolean has(String key) {
    return store.look(key).isPresent();
  }

  /** The ids of the experiments whose plans were kept. */
  List<String> planned() {
    return store.planned();
  }

  /** What there is of an experiment. */
  Facts facts(Plan plan) {
    Map<String, Artifact> artifacts = new LinkedHashMap<>();
    Spend spend = Spend.NONE;
    for (Stage stage : plan.stages()) {
      Optional<Artifact> artifact = store.look(stage.key());
      if (artifact.isPresent()) {
        artifacts.put(stage.key(), artifact.get());
        spend = spend.plus(spend(artifact.get()).orElse(Spend.NONE));
      }
    }
    Optional<Artifact> report = store.look(plan.reportKey());
    JsonNode results = report.map(a -> json(a, Report.RESULTS)).orElse(MissingNode.getInstance());
    return new Facts(plan, artifacts, report, results, spend);
  }

  /** What an artifact has cost. */
  static Optional<Spend> spend(Artifact artifact) {
    return read(artifact, SpendFile.FILE, Spend.class);
  }

  /** A file of an artifact as JSON; a missing node if it is not there or not whole. */
  static JsonNode json(Artifact artifact, String file) {
    return read(artifact, file, JsonNode.class).orElse(MissingNode.getInstance());
  }

  /**
   * A small file of an artifact, if the artifact has it and it is what was published. A damaged one
   * is told and left out; the experiment that needs it makes it again.
   */
  static <T> Optional<T> read(Artifact artifact, String file, Class<T> type) {
    Manifest.FileEntry entry = artifact.manifest().files().get(file);
    if (entry == null) {
      return Optional.empty();
    }
    try {
      byte[] bytes = Files.readAllBytes(artifact.file(file));
      if (Keys.sha256(bytes).equals(entry.sha256())) {
        return Optional.of(JSON.readValue(bytes, type));
      }
      log.warn(
          "{} of artifact {} is not what was published; left out. See: inkling artifacts verify",
          file,
          artifact.manifest().key());
    } catch (IOException e) {
      log.warn(
          "{} of artifact {} cannot be read ({}); left out. See: inkling artifacts verify",
          file,
          artifact.manifest().key(),
          e.getMessage());
    }
    return Optional.empty();
  }
}
