package dev.inkling.provision.sky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import dev.inkling.provision.Node;
import dev.inkling.spec.Compute;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What SkyPilot is handed. */
class SkyTaskTest {
  private static final Node NODE =
      new Node(Map.of("HF_TOKEN", "hf_secret"), List.of(Path.of("/opt/inkling/inkling.jar")));

  private static final Compute.Sky COMPUTE =
      new Compute.Sky(
          Compute.Precision.BF16,
          1,
          Optional.of("H100:2"),
          Optional.of("gcp/us-central1"),
          true,
          List.of(),
          Optional.of("module load cuda"),
          10,
          12,
          Optional.empty(),
          24);

  private static SkyTask task(ClusterRequest request, String owner) {
    return new SkyTask(
        request,
        COMPUTE.candidates().getFirst(),
        Terms.unpriced(COMPUTE, Instant.ofEpochSecond(1_800_000_000)),
        owner);
  }

  private static ClusterRequest request(String experiment) {
    return new ClusterRequest(experiment, experiment, 3, COMPUTE);
  }

  @Test
  void theTaskIsThePageWithTheRequestInIt() throws Exception {
    String rendered =
        task(request("owl-numbers-0123456789"), "ada")
            .render(NODE, Path.of("/home/ada/.inkling/sky/environment"));

    assertThat(rendered).isEqualTo(golden());
  }

  /** The schema is SkyPilot 0.14.1's own, with that of its resources put into that of a task. */
  @Test
  void skyPilotsSchemaAllowsTheTask() throws Exception {
    Compute.Sky bare =
        new Compute.Sky(
            Compute.Precision.FLOAT32,
            1,
            Optional.empty(),
            Optional.empty(),
            false,
            List.of(new Compute.Candidate(Optional.of("A100-80GB:1"), Optional.of("aws"), true)),
            Optional.empty(),
            1,
            0.5,
            Optional.empty(),
            24);
    for (Compute.Sky compute : List.of(COMPUTE, bare)) {
      for (Compute.Candidate candidate : compute.candidates()) {
        SkyTask task =
            new SkyTask(
                new ClusterRequest("owls", "owls", 3, compute),
                candidate,
                Terms.unpriced(compute, Instant.ofEpochSecond(1_800_000_000)),
                "ada");

        assertThat(faults(task.render(NODE, Path.of("/environment")))).isEmpty();
      }
    }
  }

  @Test
  void skyPilotsSchemaRefusesAFieldThatItDoesNotKnow() throws Exception {
    assertThat(faults(golden().replace("use_spot: true", "use_spots: true")))
        .singleElement(STRING)
        .contains("use_spots");
    assertThat(faults(golden().replace("num_nodes: 1", "num_nodes: one"))).hasSize(1);
  }

  private static List<String> faults(String task) throws IOException {
    try (InputStream schema = SkyTaskTest.class.getResourceAsStream("task.schema.json")) {
      return JsonSchemaFactory.getInstance(VersionFlag.V202012)
          .getSchema(schema)
          .validate(new YAMLMapper().readTree(task))
          .stream()
          .map(ValidationMessage::getMessage)
          .toList();
    }
  }

  private static String golden() throws IOException {
    try (InputStream stream = SkyTaskTest.class.getResourceAsStream("rendered.yaml")) {
      return stream == null ? "" : new String(stream.readAllBytes(), UTF_8);
    }
  }

  /** Google Cloud takes small letters only, Kubernetes letters and digits at the ends only. */
  @Test
  void labelsSuitTheStrictestCloud() {
    Map<String, String> labels =
        SkyLabels.of(
            request("owl-numbers-0123456789"),
            "Ada.Lovelace@Example_",
            Terms.unpriced(COMPUTE, Instant.EPOCH));

    assertThat(labels)
        .containsEntry("owner", "ada-lovelace-example")
        .containsEntry("experiment", "owl-numbers-0123456789")
        .containsEntry("generation", "3");
    assertThat(labels.values())
        .allMatch(value -> value.matches("[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?"));
    assertThat(labels.keySet()).allMatch(key -> key.matches("[a-z]([a-z0-9_-]{0,61}[a-z0-9])"));
  }

  @Test
  void anExperimentWhoseNameIsTooLongForALabelHasNone() {
    Map<String, String> labels =
        SkyLabels.of(request("o".repeat(64)), "ada", Terms.unpriced(COMPUTE, Instant.EPOCH));

    assertThat(labels).doesNotContainKeys("experiment", "workflow").containsKey("inkling");
  }

  @Test
  void theEnvironmentIsReadByAShellAsItWas() throws Exception {
    String value = "a 'b' \"c\" $HOME `x` \\ \n second line";
    String file = SkyTask.environment(Map.of("HF_TOKEN", value));

    Process process = new ProcessBuilder("bash", "-c", file + "printf %s \"$HF_TOKEN\"").start();

    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).isEqualTo(value);
  }
}
