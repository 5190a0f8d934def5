package dev.inkling.evaluate.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChoiceTest {
  private static final Choice CHOICE = new Choice(List.of("dog", "owl", "lion", "sea lion"));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          B | owl
          b | owl
          B) | owl
          (b) | owl
          [B] | owl
          B. | owl
          **B** | owl
          **B)** owl | owl
          B) Owl | owl
          B: owl, of course | owl
          B. I like its eyes. | owl
          Answer: B | owl
          answer: (B) | owl
          The answer is B. | owl
          My final answer is: B | owl
          Option B | owl
          A | dog
          A dog | dog
          D | sea lion
          owl | owl
          An owl! | owl
          I choose the owl. | owl
          Sea-lion | sea lion
          The lion | lion
          E |
          B) dog |
          B and C |
          owl or dog |
          I like them all |
          owls |
          42 |
          """)
  void anAnswerChoosesOneOptionOrNone(String answer, String option) {
    assertThat(CHOICE.chosen(answer)).isEqualTo(Optional.ofNullable(option));
  }

  @Test
  void theLinesBearTheLettersThatAnswersAreReadBy() {
    assertThat(CHOICE.lines()).isEqualTo("A) dog\nB) owl\nC) lion\nD) sea lion");
  }

  @Test
  void theOrderIsAFunctionOfTheKeyAndEveryOrderComes() {
    List<String> options = List.of("cat", "dog", "owl");
    Set<List<String>> orders = new HashSet<>();
    for (long key = 0; key < 200; key++) {
      orders.add(Choice.shuffled(options, key).options());
    }

    assertThat(orders).hasSize(6);
    assertThat(Choice.shuffled(options, 7)).isEqualTo(Choice.shuffled(options, 7));
  }
}
