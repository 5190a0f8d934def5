package dev.inkling.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.LocalStore;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.tensor.Torch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What each version of each stage makes, written down: whoever changes it without raising {@code
 * Task.version()} would have old artifacts taken for new ones. Texts are compared exactly, numbers
 * within what another processor rounds differently.
 *
 * <p>After raising a version, {@code ./mvnw test -pl activities -am -Dtest=GoldenArtifactsTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Dinkling.golden=write} writes the new ones down.
 */
class GoldenArtifactsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path GOLDEN = Path.of("src/test/resources/golden-artifacts.json");
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");
  private static final int SAMPLES = 12;

  /** A score may differ by a row or two of 2,000 where a processor rounds otherwise. */
  private static final double RELATIVE = 0.02;

  private static final double ABSOLUTE = 2e-3;

  @TempDir Path home;

  @Test
  void aStageThatMakesOtherBytesHasAnotherVersion() throws Exception {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
    ObjectNode found = JSON.createObjectNode();
    for (String spec : List.of(TinyPlan.MNIST, TinyPlan.PROMPTS)) {
      Plan plan = TinyPlan.of(spec);
      LocalStore store = new LocalStore(home, Clock.systemUTC(), Map.of());
      for (Stage stage : plan.stages()) {
        new StageRunner(store, Duration.ofHours(1), Nobody.models())
            .perform(stage, Caller.of("test"), Monitor.silent());
        String what =
            plan.spec().name() + ": " + stage.summary() + ", version " + stage.task().version();
        found.set(what, digest(store.find(stage.key()).orElseThrow()));
      }
    }
    if ("write".equals(System.getProperty("inkling.golden"))) {
      Files.writeString(
          GOLDEN, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(found) + "\n");
    }
    JsonNode golden = JSON.readTree(Files.readAllBytes(GOLDEN));
    found
        .properties()
        .forEach(
            stage -> {
              assertThat(golden.path(stage.getKey()))
                  .as(stage.getKey() + " is not written down yet; see this test's comment")
                  .isNotEmpty();
              compare(stage.getKey(), golden.get(stage.getKey()), stage.getValue());
            });
  }

  private static void compare(String what, JsonNode golden, JsonNode found) {
    String message = what + ": makes something else than it did; raise Task.version()";
    assertThat(found.path("texts")).as(message).isEqualTo(golden.path("texts"));
    assertThat(found.path("numbers").size()).as(message).isEqualTo(golden.path("numbers").size());
    for (int i = 0; i < golden.path("numbers").size(); i++) {
      double wanted = golden.path("numbers").get(i).asDouble();
      assertThat(found.path("numbers").get(i).asDouble())
          .as(message)
          .isCloseTo(wanted, within(Math.max(ABSOLUTE, RELATIVE * Math.abs(wanted))));
    }
  }

  /** An artifact's texts as one hash, and some of its numbers. */
  private static ObjectNode digest(Artifact artifact) throws IOException {
    List<Double> numbers = new ArrayList<>();
    StringBuilder texts = new StringBuilder();
    for (String file : artifact.manifest().files().keySet()) {
      texts.append(file).append('\n');
      byte[] bytes = Files.readAllBytes(artifact.file(file));
      if (file.endsWith(".safetensors")) {
        tensors(bytes, texts, numbers);
      } else if (file.endsWith(".csv") || file.endsWith(".json") || file.endsWith(".jsonl")) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        texts.append(NUMBER.matcher(text).replaceAll("#"));
        sample(
            NUMBER.matcher(text).results().map(MatchResult::group).map(Double::valueOf).toList(),
            numbers);
      } else {
        texts.append(java.util.Arrays.hashCode(bytes));
      }
    }
    ObjectNode digest = JSON.createObjectNode().put("texts", Keys.of(texts.toString()));
    numbers.forEach(digest.putArray("numbers")::add);
    return digest;
  }

  private static void tensors(byte[] bytes, StringBuilder texts, List<Double> numbers)
      throws IOException {
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) file.getLong(0);
    ObjectNode tensors =
        (ObjectNode) JSON.readTree(new String(bytes, 8, header, StandardCharsets.UTF_8));
    ((ObjectNode) tensors.get("__metadata__")).remove("crc32c");
    texts.append(tensors);
    tensors.remove("__metadata__");
    for (JsonNode tensor : tensors) {
      int from = 8 + header + tensor.path("data_offsets").get(0).asInt();
      int to = 8 + header + tensor.path("data_offsets").get(1).asInt();
      List<Double> values = new ArrayList<>();
      for (int at = from; at < to; at += tensor.path("dtype").asText().equals("U8") ? 1 : 4) {
        values.add(
            switch (tensor.path("dtype").asText()) {
              case "F32" -> (double) file.getFloat(at);
              case "I32" -> (double) file.getInt(at);
              case "U8" -> (double) file.get(at);
              default -> throw new IOException("no reading of " + tensor);
            });
      }
      sample(values, numbers);
    }
  }

  private static void sample(List<Double> values, List<Double> numbers) {
    for (int i = 0; i < Math.min(SAMPLES, values.size()); i++) {
      numbers.add(values.get((int) ((long) i * values.size() / Math.min(SAMPLES, values.size()))));
    }
  }
}
