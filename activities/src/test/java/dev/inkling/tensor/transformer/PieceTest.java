package dev.inkling.tensor.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import dev.inkling.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PieceTest {
  private static final List<Sequence> BATCH =
      IntStream.of(3, 2, 9, 2, 2).mapToObj(n -> new Sequence(new int[n], 1)).toList();

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  @Test
  void aPieceHasSoManyTokensWithPaddingAtMostUnlessOneRowHasMore() {
    assertThat(sizes(Piece.of(BATCH, 5, 6))).containsExactly(2, 1, 2);
    assertThat(sizes(Piece.of(BATCH, 5, 18))).containsExactly(2, 2, 1);
    assertThat(sizes(Piece.of(BATCH, 5, 1))).containsExactly(1, 1, 1, 1, 1);
    assertThat(sizes(Piece.of(BATCH, 5, Integer.MAX_VALUE))).containsExactly(5);
  }

  @Test
  void aPieceHasSoManyRowsAtMost() {
    assertThat(sizes(Piece.of(BATCH, 2, Integer.MAX_VALUE))).containsExactly(2, 2, 1);
    assertThat(Piece.of(BATCH, 2, Integer.MAX_VALUE).stream().map(Piece::first))
        .containsExactly(0, 2, 4);
  }

  private static List<Integer> sizes(List<Piece> pieces) {
    return pieces.stream().map(piece -> piece.rows().size()).toList();
  }

  @Test
  void eachTokenOfACompletionIsPredictedAtThePositionBeforeIt() {
    Piece piece =
        new Piece(
            0,
            List.of(new Sequence(new int[] {5, 6, 7}, 2), new Sequence(new int[] {1, 2, 3, 4}, 1)));
    try (var manager = Torch.manager(Device.cpu())) {
      assertThat(piece.ids(manager).toLongArray()).containsExactly(5, 6, 7, 0, 1, 2, 3, 4);
      assertThat(piece.positions(manager).toLongArray()).containsExactly(1, 4, 5, 6);
      assertThat(piece.targets(manager).toLongArray()).containsExactly(7, 2, 3, 4);
    }
  }

  @Test
  void whatDropoutHashesDependsOnTheRowsPlaceInTheBatchNotOnThePiece() {
    List<Sequence> rows = List.of(new Sequence(new int[3], 1), new Sequence(new int[3], 1));
    try (var manager = Torch.manager(Device.cpu())) {
      int[] together = new Piece(0, rows).dropoutKeys(manager, 1, 2).toIntArray();
      int[] second = new Piece(1, rows.subList(1, 2)).dropoutKeys(manager, 1, 2).toIntArray();
      assertThat(together).hasSize(6).doesNotHaveDuplicates().endsWith(second);
      assertThat(new Piece(0, rows).dropoutKeys(manager, 1, 3).toIntArray())
          .doesNotContain(together);
      assertThat(new Piece(0, rows).dropoutKeys(manager, 2, 2).toIntArray())
          .doesNotContain(together);
    }
  }

  @Test
  void aRowWithoutPromptOrCompletionIsRefused() {
    assertThatThrownBy(() -> new Sequence(new int[4], 0)).hasMessageContaining("a token each");
    assertThatThrownBy(() -> new Sequence(new int[4], 4)).hasMessageContaining("a token each");
  }
}
