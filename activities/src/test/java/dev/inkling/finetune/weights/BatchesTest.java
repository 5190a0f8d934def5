package dev.inkling.finetune.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.spec.TrainingSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which rows are read in which step, and how fast one learns in it. */
class BatchesTest {
  /** Ten steps of which three warm up, at 2e-4, as transformers 4.57.6 gives them. */
  private static final String RATES =
      """
      {"linear": [0.0, 6.666666666666667e-05, 0.00013333333333333334, 0.0002, 0.00017142857142857143,
                  0.00014285714285714287, 0.00011428571428571428, 8.571428571428571e-05, 5.714285714285714e-05,
                  2.857142857142857e-05],
       "cosine": [0.0, 6.666666666666667e-05, 0.00013333333333333334, 0.0002, 0.0001900968867902419,
                  0.00016234898018587337, 0.00012225209339563145, 7.774790660436858e-05, 3.7651019814126654e-05,
                  9.903113209758096e-06],
       "constant": [0.0, 6.666666666666667e-05, 0.00013333333333333334, 0.0002, 0.0002, 0.0002, 0.0002, 0.0002,
                    0.0002, 0.0002]}
      """;

  static TrainingSpec spec(
      TrainingSpec.Schedule schedule, TrainingSpec.Batching batching, Optional<Integer> maxSteps) {
    return new TrainingSpec(
        2,
        maxSteps,
        4,
        Optional.empty(),
        2e-4,
        schedule,
        3,
        0,
        0.9,
        0.999,
        1e-8,
        1,
        500,
        batching,
        false,
        Optional.empty(),
        0);
  }

  private static TrainingSpec shuffled(Optional<Integer> maxSteps) {
    return spec(TrainingSpec.Schedule.LINEAR, TrainingSpec.Batching.SHUFFLED, maxSteps);
  }

  @Test
  void theLearningRateIsThatOfTransformers() throws Exception {
    JsonNode expected = new ObjectMapper().readTree(RATES);
    for (TrainingSpec.Schedule schedule : TrainingSpec.Schedule.values()) {
      TrainingSpec spec = spec(schedule, TrainingSpec.Batching.SHUFFLED, Optional.empty());
      JsonNode rates = expected.get(schedule.name().toLowerCase(java.util.Locale.ROOT));
      for (int step = 0; step < 10; step++) {
        assertThat(new LearningRate(spec, 10).at(step))
            .isCloseTo(rates.get(step).asDouble(), within(1e-18));
      }
    }
  }

  @Test
  void everyEpochReadsEachRowOnceInAnOrderOfItsOwn() {
    Batches batches = new Batches(shuffled(Optional.empty()), new int[10], 7);

    assertThat(batches.steps()).isEqualTo(6);
    int[] first = epoch(batches, 0);
    int[] second = epoch(batches, 3);
    assertThat(Arrays.stream(first).sorted()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(Arrays.stream(second).sorted()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(first).isNotEqualTo(second);
    assertThat(batches.rows(5)).hasSize(2);
  }

  @Test
  void aStepReadsTheSameRowsWhateverWasAskedBefore() {
    Batches inOrder = new Batches(shuffled(Optional.empty()), new int[10], 7);
    List<int[]> all = IntStream.range(0, 6).mapToObj(inOrder::rows).toList();
    Batches resumed = new Batches(shuffled(Optional.empty()), new int[10], 7);

    for (int step : new int[] {4, 0, 5, 2, 3, 1}) {
      assertThat(resumed.rows(step)).isEqualTo(all.get(step));
    }
  }

  @Test
  void stepsEndWhereTheSpecSaysSo() {
    assertThat(new Batches(shuffled(Optional.of(5)), new int[10], 7).steps()).isEqualTo(5);
    assertThat(new Batches(shuffled(Optional.of(50)), new int[10], 7).steps()).isEqualTo(6);
  }

  @Test
  void rowsOfSimilarLengthsStandTogetherAndNoneIsLost() {
    int[] lengths = IntStream.range(0, 403).map(i -> i * 37 % 101).toArray();
    TrainingSpec byLength =
        spec(TrainingSpec.Schedule.LINEAR, TrainingSpec.Batching.BY_LENGTH, Optional.empty());
    Batches batches = new Batches(byLength, lengths, 7);

    int[] epoch = epoch(batches, 0);
    assertThat(Arrays.stream(epoch).sorted()).hasSize(403).doesNotHaveDuplicates();
    assertThat(padding(batches, lengths))
        .isLessThan(padding(new Batches(shuffled(Optional.empty()), lengths, 7), lengths) / 10);
    assertThat(batches.rows(100)).hasSize(3);
  }

  private static int[] epoch(Batches batches, int from) {
    int perEpoch = (int) batches.steps() / 2;
    return IntStream.range(from, from + perEpoch)
        .flatMap(step -> Arrays.stream(batches.rows(step)))
        .toArray();
  }

  /** Tokens that a batch has more than its rows. */
  private static long padding(Batches batches, int[] lengths) {
    long padding = 0;
    for (int step = 0; step < batches.steps() / 2; step++) {
      int[] rows = batches.rows(step);
      int longest = Arrays.stream(rows).map(r -> lengths[r]).max().orElseThrow();
      padding += Arrays.stream(rows).map(r -> longest - lengths[r]).sum();
    }
    return padding;
  }
}
