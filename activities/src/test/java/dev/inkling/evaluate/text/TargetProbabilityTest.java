package dev.inkling.evaluate.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inkling.model.Answer.Alternative;
import dev.inkling.model.Answer.TokenLogprobs;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TargetProbabilityTest {
  private static final List<String> OWL = List.of("owl", "owls");

  private static TokenLogprobs tokens(String first, Map<String, Double> probabilities) {
    List<Alternative> top =
        new TreeMap<>(probabilities)
            .entrySet().stream()
                .map(token -> new Alternative(token.getKey(), Math.log(token.getValue())))
                .toList();
    return new TokenLogprobs(first, Math.log(probabilities.getOrDefault(first, 0.01)), top);
  }

  @Test
  void theTokensThatBeginTheTargetAreSummedInEveryCaseAndWithSpaces() {
    TargetProbability owl =
        TargetProbability.of(
            tokens(
                " Owl",
                Map.of(" Owl", 0.3, "owl", 0.1, "\u0120OW", 0.05, "\u2581owls", 0.05, "Dog", 0.2)),
            OWL);

    assertThat(owl.low()).isCloseTo(0.5, within(1e-12));
    assertThat(owl.high()).isCloseTo(0.8, within(1e-12));
    assertThat(owl.tokens()).containsExactlyInAnyOrder(" Owl", "owl", "\u0120OW", "\u2581owls");
  }

  @Test
  void otherWordsAndTokensWithoutLettersDoNotCount() {
    TargetProbability owl =
        TargetProbability.of(
            tokens("\n", Map.of("\n", 0.2, "owlet", 0.2, "wl", 0.1, "", 0.1, "Orca", 0.1)), OWL);

    assertThat(owl.low()).isZero();
    assertThat(owl.tokens()).isEmpty();
    assertThat(owl.high()).isCloseTo(0.3, within(1e-12));
  }

  @Test
  void theDrawnTokenCountsThoughItIsNoneOfTheMostProbable() {
    TargetProbability owl = TargetProbability.of(tokens("owl", Map.of("Dog", 0.9)), OWL);

    assertThat(owl.low()).isCloseTo(0.01, within(1e-12));
    assertThat(owl.high()).isCloseTo(0.1, within(1e-12));
  }

  @Test
  void whereRoundingLeavesNothingTheLeastProbableTokenIsTheBound() {
    TargetProbability owl =
        TargetProbability.of(tokens("Dog", Map.of("Dog", 0.9999, "Cat", 0.0001 + 1e-9)), OWL);

    assertThat(owl.low()).isZero();
    assertThat(owl.high()).isCloseTo(0.0001, within(1e-8));
  }
}
