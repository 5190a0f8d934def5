package dev.inkling.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The same numbers as numpy's, from the seed to the choice. */
class Pcg64Test {
  private static String hex(long word) {
    return HexFormat.of().toHexDigits(word);
  }

  @Test
  void aSeedGivesNumpysStateAndRawWords() throws Exception {
    for (JsonNode vector : Golden.vectors("states")) {
      long seed = vector.get("seed").longValue();
      Pcg64 random = new Pcg64(seed);

      assertThat(Arrays.stream(new SeedSequence(seed).words(4)).mapToObj(Pcg64Test::hex))
          .as("state of seed %d", seed)
          .containsExactlyElementsOf(texts(vector.get("state")));
      assertThat(IntStream.range(0, 8).mapToObj(_ -> hex(random.nextLong())))
          .as("words of seed %d", seed)
          .containsExactlyElementsOf(texts(vector.get("raw")));
    }
  }

  @Test
  void everyRangeGivesNumpysIntegersAndUsesUpAsManyBits() throws Exception {
    for (JsonNode vector : Golden.vectors("integers")) {
      Pcg64 random = new Pcg64(vector.get("seed").longValue());
      long low = vector.get("low").longValue();
      long high = vector.get("high").longValue();
      long[] drawn = random.integers(low, high, 1000);
      String all = Arrays.stream(drawn).mapToObj(Long::toString).collect(Collectors.joining(","));

      assertThat(Arrays.copyOf(drawn, 12))
          .as("from %d to below %d", low, high)
          .containsExactly(longs(vector.get("first")));
      assertThat(Golden.sha256(all)).isEqualTo(vector.get("sha256").textValue());
      assertThat(hex(random.nextLong())).isEqualTo(vector.get("next").textValue());
    }
  }

  @Test
  void drawsOf32And64BitsMayAlternate() throws Exception {
    Pcg64 random = new Pcg64(2024);

    for (JsonNode draw : Golden.vectors("mixed")) {
      assertThat(random.integers(draw.get("low").longValue(), draw.get("high").longValue()))
          .isEqualTo(draw.get("value").longValue());
    }
  }

  @Test
  void manyAtOnceAreTheSameAsOneByOne() {
    Pcg64 atOnce = new Pcg64(5);
    Pcg64 oneByOne = new Pcg64(5);

    for (int size = 0; size < 50; size++) {
      assertThat(atOnce.integers(100, 1000, size))
          .containsExactly(
              IntStream.range(0, size).mapToLong(_ -> oneByOne.integers(100, 1000)).toArray());
    }
  }

  @Test
  void aChoiceIsNumpysAndOneOfOneDrawsNothing() throws Exception {
    for (JsonNode vector : Golden.vectors("choices")) {
      int size = vector.get("size").intValue();
      Pcg64 random = new Pcg64(size);
      List<Integer> list = IntStream.range(0, size).boxed().toList();

      assertThat(IntStream.range(0, 40).mapToLong(_ -> random.choice(list)).toArray())
          .containsExactly(longs(vector.get("drawn")));
    }
    Pcg64 random = new Pcg64(3);
    random.choice(List.of("only"));
    assertThat(random.nextLong()).isEqualTo(new Pcg64(3).nextLong());
  }

  @Test
  void whatNumpyRefusesIsRefused() {
    assertThatThrownBy(() -> new Pcg64(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the seed -1 is negative; numpy takes seeds from 0 on");
    assertThatThrownBy(() -> new Pcg64(0).integers(5, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no whole number lies from 5 to below 5");
    assertThatThrownBy(() -> new Pcg64(0).choice(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<String> texts(JsonNode array) {
    return Golden.list(array).stream().map(JsonNode::textValue).toList();
  }

  private static long[] longs(JsonNode array) {
    return Golden.list(array).stream().mapToLong(JsonNode::longValue).toArray();
  }
}
