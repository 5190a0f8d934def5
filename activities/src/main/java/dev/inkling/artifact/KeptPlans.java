package dev.inkling.artifact;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.inkling.crash.CrashPoint;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plans of experiments, one JSON file for each: {@code experiments/<id>.json}. */
final class KeptPlans {
  private static final Logger log = LoggerFactory.getLogger(KeptPlans.class);
  private static final String ENDING = ".json";
  private static final String DRAFT = ".tmp";
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          // A newer version may have written more fields than this one knows.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private final Path directory;

  KeptPlans(Path directory) {
    this.directory = directory;
  }

  /** Writes a plan, unless those very bytes are there. */
  void keep(Plan plan) throws IOException {
    Path file = directory.resolve(plan.id() + ENDING);
    byte[] bytes = bytes(plan);
    if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), bytes)) {
      Files.createDirectories(directory);
      // A draft of its own: a sweep and a run may plan the same experiment at the same time.
      Path draft = Files.createTempFile(directory, plan.id(), DRAFT);
      Files.write(draft, bytes);
      Disk.force(draft);
      Disk.moveInto(draft, file);
      CrashPoint.PLAN_KEPT.reached();
    }
  }

  /** The same bytes for the same plan: the maps of a stage have no order, those of a spec do. */
  static byte[] bytes(Plan plan) throws IOException {
    ObjectNode tree = JSON.valueToTree(plan);
    ArrayNode stages = tree.putArray("stages");
    for (Stage stage : plan.stages()) {
      stages.add(JSON.readTree(Keys.canonical(stage)));
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree);
  }

  Optional<Plan> find(String id) throws IOException {
    if (!ids().contains(id)) {
      return Optional.empty();
    }
    return read(id, Files.readAllBytes(directory.resolve(id + ENDING)));
  }

  /** Reads a plan; empty if it is another's, or nobody can read it any more. */
  static Optional<Plan> read(String id, byte[] bytes) throws IOException {
    try {
      return Optional.of(JSON.readValue(bytes, Plan.class)).filter(plan -> plan.id().equals(id));
    } catch (JacksonException e) {
      log.warn(
          "The plan of {} cannot be read ({}); the same experiment, run again, writes it anew",
          id,
          e.getOriginalMessage());
      return Optional.empty();
    }
  }

  List<String> ids() throws IOException {
    return Disk.entries(directory).stream()
        .map(file -> file.getFileName().toString())
        .filter(name -> name.endsWith(ENDING))
        .map(name -> name.substring(0, name.length() - ENDING.length()))
        .toList();
  }

  /** Removes the drafts that crashes have left. */
  void tidy(Instant before) throws IOException {
    for (Path file : Disk.entries(directory)) {
      if (file.toString().endsWith(DRAFT)
          && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Whether there was one. */
  boolean drop(String id) throws IOException {
    return ids().contains(id) && Files.deleteIfExists(directory.resolve(id + ENDING));
  }
}
