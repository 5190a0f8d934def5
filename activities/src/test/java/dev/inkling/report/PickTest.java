package dev.inkling.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PickTest {
  private static List<Integer> drawn(int count, long key, Stream<Integer> offered) {
    Pick<Integer> pick = new Pick<>(count, key);
    offered.forEach(i -> pick.offer(i, i));
    return pick.inOrder();
  }

  private static Stream<Integer> upTo(int bound) {
    return IntStream.range(0, bound).boxed();
  }

  @Test
  void theSameFewAreDrawnInWhateverOrderTheyAreOffered() {
    List<Integer> few = drawn(5, 7, upTo(1000));

    assertThat(few).hasSize(5).isSorted().doesNotHaveDuplicates();
    assertThat(drawn(5, 7, upTo(1000).map(i -> 999 - i))).isEqualTo(few);
    assertThat(drawn(5, 8, upTo(1000))).isNotEqualTo(few);
  }

  @Test
  void allAreDrawnWhereThereAreNoMore() {
    assertThat(drawn(5, 7, upTo(3))).containsExactly(0, 1, 2);
    assertThat(drawn(5, 7, upTo(0))).isEmpty();
  }

  @Test
  void overManyKeysEveryoneIsDrawnAboutEquallyOften() {
    int[] times = new int[10];
    for (long key = 0; key < 2000; key++) {
      drawn(3, key, upTo(10)).forEach(i -> times[i]++);
    }
    // 600 expected; the standard deviation is 20.5.
    assertThat(IntStream.of(times)).allMatch(n -> n > 500 && n < 700);
    Set<List<Integer>> sets = new HashSet<>();
    upTo(100).forEach(key -> sets.add(drawn(3, key, upTo(10))));
    assertThat(sets).hasSizeGreaterThan(50);
  }
}
