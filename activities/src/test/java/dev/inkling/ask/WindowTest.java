package dev.inkling.ask;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowTest {
  /** One round trip: the window is filled, and everything in it is answered. */
  private static void roundTrip(Window window, long now) {
    int sent = window.size();
    window.full(now);
    for (int i = 0; i < sent; i++) {
      window.answered(now);
    }
  }

  @Test
  void itDoublesEachRoundTripUntilItIsAsLargeAsItMayBe() {
    Window window = new Window(8, 100);
    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      sizes.add(window.size());
      roundTrip(window, i);
    }

    assertThat(sizes).containsExactly(8, 16, 32, 64, 100);
  }

  @Test
  void afterARefusalItIsAFifthSmallerAndGrowsByOneEachRoundTrip() {
    Window window = new Window(100, 1000);

    assertThat(window.refused(1, 2)).isTrue();

    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      sizes.add(window.size());
      roundTrip(window, 3 + i);
    }
    // By one, less what the division by a growing size loses.
    assertThat(sizes).containsExactly(80, 80, 81, 82);
  }

  @Test
  void refusalsOfOneRoundTripShrinkItOnce() {
    Window window = new Window(100, 1000);

    window.refused(1, 10);

    assertThat(window.refused(2, 11)).isFalse();
    assertThat(window.refused(9, 12)).isFalse();
    assertThat(window.size()).isEqualTo(80);
    assertThat(window.refused(10, 20)).isTrue();
    assertThat(window.size()).isEqualTo(64);
  }

  @Test
  void aWindowThatIsNeverFullDoesNotGrow() {
    Window window = new Window(8, 1000);

    for (int i = 0; i < 100; i++) {
      window.answered(i);
    }

    assertThat(window.size()).isEqualTo(8);
  }

  @Test
  void itNeverCloses() {
    Window window = new Window(8, 1000);

    for (int i = 0; i < 100; i++) {
      window.refused(i, i);
    }

    assertThat(window.size()).isEqualTo(1);
  }
}
