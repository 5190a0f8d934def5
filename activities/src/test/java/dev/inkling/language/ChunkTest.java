package dev.inkling.language;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.language.Chunk.Range;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ChunkTest {
  private static Chunk of(long... indices) {
    return new Chunk(
        "tag",
        "teacher",
        false,
        Chunk.ranges(indices),
        Purse.Cost.NOTHING,
        new TreeSet<>(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  @Test
  void indicesInAnyOrderAreAFewRanges() {
    assertThat(Chunk.ranges(new long[] {7, 1, 3, 2, 8}))
        .isEqualTo(List.of(new Range(1, 3), new Range(7, 8)));
    assertThat(Chunk.ranges(new long[] {})).isEmpty();
  }

  @Test
  void itHasThemAndNoOthers() {
    Chunk chunk = of(5, 6, 10, 20, 21, 22);
    assertThat(LongStream.range(0, 30).filter(chunk::has))
        .containsExactly(5L, 6L, 10L, 20L, 21L, 22L);
    assertThat(chunk.count()).isEqualTo(6);
  }

  @Test
  void theTimeOfTheFirstTryStaysUntilItIsKnownThatThereWasNone() {
    Chunk tried = of(1).triedAt("2026-11-22T10:00:00Z").triedAt("2026-11-22T11:00:00Z");
    assertThat(tried.since()).contains("2026-11-22T10:00:00Z");
    assertThat(tried.submittedAs("batch").notSubmitted().since()).isEmpty();
  }
}
