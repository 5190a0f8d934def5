package dev.inkling.provision.slurm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.provision.slurm.SlurmJob.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What squeue tells, in the forms it has had. The answer of 22.05 was recorded; the two newer ones
 * say the same in the form of data_parser v0.0.39 (numbers that may be infinite are objects) and
 * v0.0.40 (times too, and the state is a list).
 */
class SlurmJobTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static List<SlurmJob> told(String version) throws IOException {
    String file = "squeue-" + version + ".json";
    try (InputStream in =
        Objects.requireNonNull(SlurmJobTest.class.getResourceAsStream(file), file)) {
      return SlurmJob.read(JSON.readTree(in));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"22.05", "23.02", "23.11"})
  void everyFormTellsTheSameJobs(String version) throws IOException {
    List<SlurmJob> jobs = told(version);

    assertThat(jobs)
        .extracting(SlurmJob::id, SlurmJob::phase, SlurmJob::generation, SlurmJob::reason)
        .containsExactly(
            tuple(12L, Phase.RUNS, 2, ""),
            tuple(13L, Phase.WAITS, 2, "Dependency"),
            tuple(14L, Phase.WAITS, 1, "Resources"),
            tuple(15L, Phase.OVER, 1, ""),
            tuple(16L, Phase.ENDS, 1, ""),
            tuple(17L, Phase.WAITS, 0, "Priority"));

    SlurmJob runs = jobs.getFirst();
    assertThat(runs.name()).isEqualTo("inkling-owls-0123abcd");
    assertThat(runs.user()).isEqualTo("ada");
    assertThat(runs.partition()).isEqualTo("main");
    assertThat(runs.nodes()).isEqualTo("one");
    assertThat(runs.start()).contains(Instant.ofEpochSecond(1795396177));
    assertThat(Duration.between(runs.start().orElseThrow(), runs.end().orElseThrow()))
        .isEqualTo(Duration.ofMinutes(90));
    assertThat(runs.labels()).contains(new Labels("owls-1f", "owls-1f", 2, "ada", "h100:1"));
    // Slurm knows when it will begin only if it has planned so far ahead.
    assertThat(jobs.get(1).start()).isEmpty();
    assertThat(jobs.get(2).start()).isPresent();
    assertThat(jobs.get(2).labels().orElseThrow().experiment()).isEqualTo("cats-2e x");
    assertThat(jobs.get(5).labels()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "RUNNING, RUNS",
    "SUSPENDED, RUNS",
    "A_STATE_OF_THE_FUTURE, RUNS",
    "CONFIGURING, WAITS",
    "REQUEUE_HOLD, WAITS",
    "COMPLETING, ENDS",
    "STAGE_OUT, ENDS",
    "TIMEOUT, OVER",
    "NODE_FAIL, OVER",
    "PREEMPTED, OVER",
    "OUT_OF_MEMORY, OVER"
  })
  void aStateHasItsPlaceInTheLifeOfAJob(String state, Phase phase) throws IOException {
    assertThat(job("\"" + state + "\"").phase()).isEqualTo(phase);
    assertThat(job("[\"" + state + "\"]").phase()).isEqualTo(phase);
  }

  @Test
  void whatQualifiesAStateCounts() throws IOException {
    assertThat(job("[\"RUNNING\",\"CONFIGURING\"]").phase()).isEqualTo(Phase.WAITS);
    assertThat(job("[\"TIMEOUT\",\"COMPLETING\"]").phase()).isEqualTo(Phase.ENDS);
    assertThat(job("[\"RUNNING\",\"SIGNALING\"]").phase()).isEqualTo(Phase.RUNS);
  }

  @Test
  void anEndThatIsNotSetIsNoTime() throws IOException {
    JsonNode answer =
        JSON.readTree(
            """
            {"jobs":[{"job_state":["RUNNING"],
              "end_time":{"set":true,"infinite":true,"number":0},
              "start_time":{"set":false,"infinite":false,"number":5}}]}""");
    SlurmJob job = SlurmJob.read(answer).getFirst();
    assertThat(job.end()).isEqualTo(Optional.empty());
    assertThat(job.start()).isEqualTo(Optional.empty());
  }

  private static SlurmJob job(String state) throws IOException {
    return SlurmJob.read(JSON.readTree("{\"jobs\":[{\"job_state\":" + state + "}]}")).getFirst();
  }
}
