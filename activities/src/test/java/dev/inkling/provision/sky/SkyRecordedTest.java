package dev.inkling.provision.sky;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool.Ended;
import dev.inkling.workflow.Cluster;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What SkyPilot 0.14.1 was recorded to print. */
class SkyRecordedTest {
  private static List<String> lines(String file) throws IOException {
    try (InputStream stream = SkyRecordedTest.class.getResourceAsStream(file)) {
      // Colours are taken out by the tool before anybody reads a line.
      return stream == null
          ? List.of()
          : new String(stream.readAllBytes(), UTF_8)
              .replaceAll("\\x1b\\[[0-9;?]*[A-Za-z]", "")
              .lines()
              .toList();
    }
  }

  private static Ended ended(int code, String output, String errors) throws IOException {
    return new Ended(code, lines(output), lines(errors));
  }

  @Test
  void aClusterIsReadFromItsStatus() throws Exception {
    SkyCluster cluster = SkyCluster.of(ended(0, "g1s.out", "").json().get(0));

    assertThat(cluster.name()).isEqualTo("g1");
    assertThat(cluster.status()).isEqualTo(SkyCluster.Status.UP);
    assertThat(cluster.ours()).isFalse();
    Cluster told = cluster.cluster("");
    assertThat(told.accelerators()).isEqualTo("H100:1");
    assertThat(told.where()).isEqualTo("slurm/spike");
    assertThat(told.experiment()).isEqualTo("exp43");
    assertThat(told.owner()).isEqualTo("experimenter");
    assertThat(told.since()).contains(Instant.ofEpochSecond(1795327104));
    assertThat(told.until()).isEmpty();
    assertThat(told.state()).isEqualTo(Cluster.State.UP);
  }

  /**
   * While Slurm has the job and SkyPilot still sets the machine up: the labels are there already.
   */
  @Test
  void aLaunchUnderWayTellsWhoseItIs() throws Exception {
    SkyCluster cluster = SkyCluster.of(ended(0, "launching.out", "").json().get(0));

    assertThat(cluster.status()).isEqualTo(SkyCluster.Status.INIT);
    assertThat(cluster.ours()).isTrue();
    assertThat(cluster.generation()).isEqualTo(1);
    assertThat(Standing.of(cluster, Optional.empty(), 1)).isEqualTo(Standing.COMING);
    assertThat(Standing.of(cluster, Optional.empty(), 2)).isEqualTo(Standing.EARLIER);
    assertThat(cluster.cluster("").until()).contains(Instant.ofEpochSecond(1795412633));
  }

  @Test
  void anUnknownClusterIsAnEmptyListBehindALineOfText() throws Exception {
    assertThat(ended(0, "status_unknown.out", "").json()).isEmpty();
  }

  @Test
  void jobsAreReadFromTheQueue() throws Exception {
    assertThat(SkyJob.of(ended(0, "g1q.out", "").json(), "g1"))
        .contains(List.of(new SkyJob("gpu-worker-exp43", "RUNNING")));
    assertThat(SkyJob.of(ended(0, "queue_json.out", "").json(), "t1").orElseThrow())
        .noneMatch(SkyJob::underWay);
  }

  @Test
  void aQueueThatCannotBeAskedSaysNothingAboutJobs() throws Exception {
    assertThat(SkyJob.of(ended(0, "queue_unknown.out", "").json(), "nosuch")).isEmpty();
  }

  @Test
  void aPriceOfNothingIsNoPrice() throws Exception {
    assertThat(Considered.usdPerHour(lines("g1.out"))).isEmpty();
    assertThat(Considered.usdPerHour(lines("too_big.out"))).isEmpty();
  }

  @Test
  void thePriceIsThatOfWhatWasChosenLast() throws Exception {
    List<String> priced =
        lines("g1.out").stream().map(line -> line.replace("0.00", "2.99")).toList();
    List<String> other =
        lines("g1.out").stream().map(line -> line.replace("0.00", "3.49")).toList();

    assertThat(Considered.usdPerHour(priced)).contains(2.99);
    List<String> both = new ArrayList<>(priced);
    both.addAll(other);
    assertThat(Considered.usdPerHour(both)).contains(3.49);
  }

  @Test
  void ofSeveralRowsTheMarkedOneCounts() {
    assertThat(
            Considered.usdPerHour(
                List.of(
                    " INFRA             INSTANCE     GPUS     COST ($)   CHOSEN   ",
                    "---------------------------------------------------------",
                    " RunPod (CA)       1x_H100      H100:1   2.99          ✔     ",
                    " AWS (us-east-1)   p5.4xlarge   H100:1   4.30                ")))
        .isEqualTo(Optional.of(2.99));
  }

  @ParameterizedTest
  @CsvSource({
    "api_down, UNAVAILABLE, Could not connect to SkyPilot API server",
    "bad_field, BAD_REQUEST, did you mean 'cpus'",
    "bad_yaml, BAD_REQUEST, invalid configuration",
    "d2, BAD_REQUEST, Catalog does not contain",
    "too_big, BAD_REQUEST, Catalog does not contain",
    "missing_env, BAD_REQUEST, TASK_QUEUE",
    "no_aws, NO_CREDENTIALS, requires aws which is not enabled",
    "no_gpu, UNAVAILABLE, Failed to resolve",
    "exec_unknown, UNAVAILABLE, does not exist",
    "jobsq, UNAVAILABLE, No in-progress"
  })
  void aFailureIsUnderstoodByTheNameOfItsException(String file, Reason reason, String words)
      throws Exception {
    ProvisionException failure =
        SkyFailure.of(ended(1, file + ".out", file + ".err"), "It failed", "Nothing was changed.");

    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure).hasMessageContaining(words).hasMessageContaining("Nothing was changed.");
    assertThat(failure.getMessage()).doesNotContain("\u001b");
  }

  /** Not recorded: there is no cloud to refuse here. The words are those of its source. */
  @ParameterizedTest
  @CsvSource({
    "'sky.exceptions.NoCloudAccessError: No cloud access is set up', NO_CREDENTIALS",
    "'sky.exceptions.ResourcesUnavailableError: Failed to provision all possible launchable resources.', NO_CAPACITY",
    "'sky.exceptions.ResourcesUnavailableError: Failed to provision: VcpuLimitExceeded', QUOTA",
    "'something else altogether', UNAVAILABLE"
  })
  void otherFailures(String line, Reason reason) {
    assertThat(SkyFailure.of(new Ended(1, List.of(), List.of(line)), "It failed", "").reason())
        .isEqualTo(reason);
  }
}
