package dev.inkling.model.open;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RoomTest {
  @Test
  void atMostAnEighthIsLeftEmpty() {
    for (int tokens = 1; tokens <= 10_000; tokens++) {
      int length = Room.length(tokens);
      assertThat(length).isGreaterThanOrEqualTo(Math.max(64, tokens)).isEven();
      assertThat(length % 8).isZero();
      assertThat(length - tokens).isLessThan(Math.max(tokens < 64 ? 64 : 8, tokens / 8 + 1));
    }
  }

  @Test
  void roomIsMadeAnewSixteenTimesAtMostUntilSequencesAreTwiceAsLong() {
    for (int tokens = 64; tokens <= 5_000; tokens++) {
      long lengths = IntStream.rangeClosed(tokens, 2 * tokens).map(Room::length).distinct().count();
      assertThat(lengths - 1).isLessThanOrEqualTo(16);
    }
  }
}
