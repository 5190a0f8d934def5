package dev.inkling.provision.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.Cluster.State;
import dev.inkling.workflow.ClusterRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is done about a queue that a real Slurm shows only after minutes, or only where it is set up
 * so.
 */
@Timeout(60)
class SlurmQueueTest {
  private static final Instant BEGUN = Instant.ofEpochSecond(1795396177);

  @TempDir private Path home;
  private final ArrayNode jobs = new ObjectMapper().createArrayNode();
  private SlurmProvider provider;

  @BeforeEach
  void open() throws IOException {
    Map<String, String> none = Map.of();
    provider =
        new SlurmProvider(
            new SlurmCommands(
                script("sbatch", "echo \"$@\" >>" + home + "/submitted"),
                script("squeue", "cat " + home + "/jobs.json"),
                script("scancel", "echo \"$@\" >>" + home + "/cancelled"),
                "ada"),
            home,
            new NodeWorker(List.of("worker"), none),
            Duration.ofMillis(10));
  }

  private Tool script(String name, String lines) throws IOException {
    Path file = Files.writeString(home.resolve(name), lines + "\n");
    return new Tool(List.of("sh", file.toString()), Map.of());
  }

  private String noted(String file) throws IOException {
    return Files.exists(home.resolve(file)) ? Files.readString(home.resolve(file)) : "";
  }

  /** One more job in the queue. */
  private void job(int id, ClusterRequest request, String reason, String... states)
      throws IOException {
    ObjectNode job =
        jobs.addObject()
            .put("job_id", id)
            .put("name", request.name())
            .put("user_name", "ada")
            .put("state_reason", reason)
            .put("comment", Labels.of(request, "ada", "").comment())
            .put("start_time", BEGUN.getEpochSecond());
    ArrayNode all = job.putArray("job_state");
    List.of(states).forEach(all::add);
    Files.writeString(home.resolve("jobs.json"), "{\"jobs\": " + jobs + "}");
  }

  /** With a setup that fails a job would be submitted every ten seconds. */
  @Test
  void aJobThatHasEndedIsToldAndNotSubmittedAgain() throws Exception {
    ClusterRequest request = Requests.small().of("typo", 7);
    job(12, request, "NonZeroExitCode", "FAILED");

    Cluster ended = provider.ensure(request, _ -> {});

    assertThat(ended.state()).isEqualTo(State.GONE);
    assertThat(ended.since()).contains(BEGUN);
    assertThat(ended.detail())
        .isEqualTo(
            "job 12 ended: FAILED (NonZeroExitCode); %s/logs/%s.7.log"
                .formatted(home, request.name()));
    assertThat(noted("submitted")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PartitionTimeLimit",
        "BadConstraints",
        "QOSMaxWallDurationPerJobLimit",
        "QOSMaxGRESPerJob",
        "AssocMaxCpuMinutesPerJobLimit",
        "AssocGrpCPUMinutesLimit"
      })
  void aJobThatCanNeverBeginIsCancelledAndRefused(String reason) throws Exception {
    ClusterRequest request = Requests.small().of("never", 7);
    job(12, request, reason, "PENDING");

    assertThatThrownBy(() -> provider.ensure(request, _ -> {}))
        .isInstanceOfSatisfying(
            ProvisionException.class, e -> assertThat(e.reason()).isEqualTo(Reason.QUOTA))
        .hasMessageContaining("job 12")
        .hasMessageContaining(reason);
    assertThat(noted("cancelled")).isEqualTo("--quiet 12\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Resources",
        "Priority",
        "QOSMaxJobsPerUserLimit",
        "AssocGrpGRES",
        "AssocGrpCPURunMinutesLimit",
        "ReqNodeNotAvail, UnavailableNodes:one",
        "None"
      })
  void aJobThatMayBeginIsWaitedFor(String reason) throws Exception {
    ClusterRequest request = Requests.small().of("waits", 7);
    job(12, request, reason, "PENDING");

    assertThat(provider.ensure(request, _ -> {}).state()).isEqualTo(State.PENDING);
    assertThat(noted("cancelled") + noted("submitted")).isEmpty();
  }

  @Test
  void aNodeThatDoesNotGetClearOfItsJobHoldsUpNobody() throws Exception {
    job(12, Requests.small().of("stuck", 7), "", "CANCELLED", "COMPLETING");

    Cluster next = provider.ensure(Requests.small().of("stuck", 8), _ -> {});

    assertThat(next.state()).isEqualTo(State.PENDING);
    assertThat(noted("submitted")).contains("8.sh");
    assertThat(noted("cancelled")).isEmpty();
  }
}
