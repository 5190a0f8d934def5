package dev.inkling.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** When a machine that is there and does nothing is given up. */
class SilencesTest {
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");

  private final Silences silences = new Silences();

  private static Instant at(int minutes) {
    return NOON.plus(Duration.ofMinutes(minutes));
  }

  @Test
  void silentTwiceInARowIsEnough() {
    silences.count(at(0), true, at(60));
    assertThat(silences.again()).isFalse();

    silences.count(at(60), true, at(61));
    assertThat(silences.again()).isTrue();
  }

  @Test
  void aWorkerThatNeverComesIsSilentHoweverLongItIsWaitedFor() {
    silences.count(at(0), false, at(15));
    silences.count(at(15), false, at(30));

    assertThat(silences.again()).isTrue();
  }

  @Test
  void stagesThatFallSilentTogetherAreSilentOnce() {
    silences.count(at(0), true, at(60));
    silences.count(at(30), true, at(60));

    assertThat(silences.again()).isFalse();
  }

  @Test
  void twoSilencesInOneStageWithHoursOfWorkBetweenAreNotInARow() {
    silences.count(at(0), true, at(60));
    silences.count(at(60), true, at(300));

    assertThat(silences.again()).isFalse();
  }

  @Test
  void aStageThatIsDoneEndsTheRow() {
    silences.count(at(0), true, at(60));
    silences.end();
    silences.count(at(60), true, at(61));

    assertThat(silences.again()).isFalse();
  }
}
