package dev.inkling.provision.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.provision.InfraFile;
import dev.inkling.provision.Node;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What sbatch is told, before any Slurm sees it. */
class SubmissionTest {
  @TempDir private Path home;

  private Submission submission(ClusterRequest request) throws ProvisionException {
    return Submission.of(request, new ClusterFiles(home), List.of("java", "it's"), "ada");
  }

  @Test
  void aJobCarriesItsNameItsLabelsAndItsEnd() throws Exception {
    ClusterRequest request = Requests.small().gpus(2).partition("long").of("owls-1f", 3);

    assertThat(submission(request).arguments())
        .contains(
            "--job-name=" + request.name(),
            "--dependency=singleton",
            "--no-requeue",
            "--export=NONE",
            "--time=60",
            "--signal=B:USR1@90",
            "--gres=gpu:h100:2",
            "--partition=long",
            "--comment={\"inkling\":1,\"experiment\":\"owls-1f\",\"workflow\":\"owls-1f\",\"generation\":3,\"owner\":\"ada\",\"gpus\":\"h100:2\"}")
        .endsWith(home + "/clusters/" + request.name() + "/3.sh");
  }

  @ParameterizedTest
  @CsvSource({"0.01, 1, 30", "0.02, 2, 60", "0.05, 3, 90", "12, 720, 90"})
  void theTimeLimitIsTheLifetimeAndTheSignalComesBeforeIt(double hours, int minutes, int early)
      throws Exception {
    assertThat(submission(Requests.small().hours(hours).of("owls", 1)).arguments())
        .contains("--time=" + minutes, "--signal=B:USR1@" + early);
  }

  @Test
  void aCommentHasNoSpaceAndReadsBack() {
    Labels labels = new Labels("owls ü \"1f\"", "a 'b' $(id) \\n", 7, "ada", "");
    assertThat(labels.comment()).matches("[\\x21-\\x7e]+");
    assertThat(Labels.read(labels.comment())).contains(labels);
    assertThat(Labels.read("for a friend")).isEmpty();
    assertThat(Labels.read("{\"experiment\":\"owls\"}")).isEmpty();
    assertThat(Labels.read("")).isEmpty();
  }

  @Test
  void optionsOfASpecComeFirstSoThatOursCount() throws Exception {
    List<String> arguments =
        submission(Requests.small().options("--qos=short", "--mem=1M").of("owls", 1)).arguments();
    assertThat(arguments).startsWith("--qos=short", "--mem=1M");
    assertThat(arguments.lastIndexOf("--mem=1G")).isGreaterThan(arguments.indexOf("--mem=1M"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--array=1-9",
        "--arr=1-9",
        "--wrap=true",
        "--time=99",
        "--job-name=x",
        "--comm=x",
        "--clusters=other",
        "--cluster=other"
      })
  void anOptionThatWouldLoseTheJobIsRefused(String option) {
    assertThatThrownBy(() -> submission(Requests.small().options(option).of("owls", 1)))
        .isInstanceOfSatisfying(
            ProvisionException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_REQUEST))
        .hasMessageContaining(option);
  }

  @Test
  void anEnvironmentReadsBackInBashAsItWas() throws Exception {
    Map<String, String> environment =
        Map.of("PLAIN", "a-b", "QUOTES", "it's \"$HOME\" `id`\nsecond line", "not-a-name", "x");
    Path file = Files.writeString(home.resolve("environment"), ShellText.exports(environment));
    Process bash =
        new ProcessBuilder(
                "bash", "-c", ". \"$0\"; printf '%s|%s' \"$PLAIN\" \"$QUOTES\"", file + "")
            .start();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(said).isEqualTo("a-b|it's \"$HOME\" `id`\nsecond line");
  }

  @Test
  void peopleSeeWhatIsSubmittedButNoSecret(@TempDir Path elsewhere) throws Exception {
    Path key = Files.writeString(elsewhere.resolve("client.key"), "a-secret-4");
    Map<String, String> own =
        Map.of(
            "AWS_SECRET_ACCESS_KEY", "a-secret-1",
            "OPENAI_API_KEY", "a-secret-2",
            "INKLING_JAVA_OPTIONS", "-Dkey=a-secret-3",
            "TEMPORAL_TLS_CLIENT_KEY_PATH", key.toString(),
            "INKLING_NODE_JAVA", "/opt/jdk");
    Node node =
        new Node(Node.of(own, "login:7233").environment(), List.of(Path.of("/opt/inkling.jar")));
    SlurmProvider provider =
        new SlurmProvider(SlurmCommands.onPath(), home, NodeWorker.of(node, own, home));

    String rendered = provider.render(Requests.small().setup("module load cuda").of("owls-1f", 1));

    assertThat(rendered)
        .startsWith("sbatch --parsable --job-name=inkling-owls-1f-")
        .contains("\nmodule load cuda\n")
        .contains("worker=(/opt/jdk/bin/java ", " -jar /opt/inkling.jar worker --queue inkling-")
        .contains("--stages-only --idle-minutes 10 --max-hours 1.0000)")
        .contains("AWS_SECRET_ACCESS_KEY, INKLING_HOME, INKLING_JAVA_OPTIONS, JDK_JAVA_OPTIONS")
        .contains("TEMPORAL_ADDRESS, TEMPORAL_TLS_CLIENT_KEY_DATA\n")
        .contains(InfraFile.GPU_LIBRARIES.text())
        .doesNotContain("a-secret", "OPENAI")
        .doesNotContainPattern("@[A-Z]+@");
    try (var files = Files.list(home)) {
      assertThat(files).as("rendering writes nothing").isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sbatch: error: Batch job submission failed: Invalid partition name specified | BAD_REQUEST",
        "sbatch: error: Batch job submission failed: Requested node configuration is not available | BAD_REQUEST",
        "sbatch: error: Batch job submission failed: Invalid generic resource (gres) specification | BAD_REQUEST",
        "sbatch: unrecognized option '--nosuch' | BAD_REQUEST",
        "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure) | UNAVAILABLE",
        "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation | UNAVAILABLE",
        "sbatch: error: Munge encode failed: Failed to access \"/run/munge/munge.socket.2\" | UNAVAILABLE",
        "sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified | QUOTA",
        "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits) | QUOTA",
        "sbatch: error: Batch job submission failed: Access/permission denied | NO_CREDENTIALS",
        "sbatch: error: Batch job submission failed: Required partition not available (inactive or drain) | NO_CAPACITY",
        "sbatch: fatal: Could not establish a configuration source | NO_TOOL",
        "sbatch: fatal: Unable to process configuration file | UNREADABLE"
      })
  void aRefusalHasItsReason(String text, Reason reason) throws IOException {
    Path sbatch =
        Files.writeString(
            home.resolve("sbatch"), "#!/bin/sh\ncat >&2 <<'X'\n" + text + "\nX\nexit 1\n");
    Tool tool = new Tool(List.of("sh", sbatch.toString()), Map.of());
    SlurmCommands commands = new SlurmCommands(tool, tool, tool, "ada");

    assertThatThrownBy(() -> commands.submit(List.of(), _ -> {}))
        .isInstanceOfSatisfying(
            ProvisionException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(text);
  }

  @Test
  void aSlurmThatIsNotInstalledIsNoTool() {
    Tool tool = new Tool(List.of("/nonexistent/squeue"), Map.of());
    assertThatThrownBy(() -> new SlurmCommands(tool, tool, tool, "ada").jobs())
        .isInstanceOfSatisfying(
            ProvisionException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_TOOL));
  }
}
