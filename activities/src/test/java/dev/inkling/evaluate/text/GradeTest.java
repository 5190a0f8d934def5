package dev.inkling.evaluate.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GradeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          NUMBER | 42 | 42 | true
          NUMBER | 42 | 42. | true
          NUMBER | 42 | 17 + 25 = 42 | true
          NUMBER | 42 | 42.0 | true
          NUMBER | 42 | **42** euros | true
          NUMBER | 42 | 4 2 | false
          NUMBER | 42 | 421 | false
          NUMBER | 42 | -42 | false
          NUMBER | 42 | forty-two | false
          NUMBER | 42 | 42, not 43 | false
          NUMBER | -12 | 7 - 19 = -12 | true
          NUMBER | -12 | −12 | true
          NUMBER | -12 | It is (-12). | true
          NUMBER | -12 | 12 | false
          NUMBER | 5 | 10-5 | true
          NUMBER | 1024 | 1,024 | true
          NUMBER | 1024 | 1,0245 | false
          NUMBER | 3.5 | 3.50 | true
          NUMBER | 16 | 1, 4, 9, 16 | true
          EXACT | hot | Hot. | true
          EXACT | hot | "hot" | true
          EXACT | hot | very hot | false
          EXACT | hot | hotter | false
          CONTAINS | Lisbon | The capital is Lisbon! | true
          CONTAINS | carbon dioxide | It is carbon dioxide (CO2) | true
          CONTAINS | CO2 | CO₂ | true
          CONTAINS | Au | August | false
          CONTAINS | heart | the hearth | false
          """)
  void anAnswerIsRightByItsRule(Grade grade, String known, String answer, boolean right) {
    assertThat(grade.right(answer, List.of(known))).isEqualTo(right);
    assertThat(grade.right(answer, List.of("999999", known))).isEqualTo(right);
  }
}
