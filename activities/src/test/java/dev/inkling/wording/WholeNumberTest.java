package dev.inkling.wording;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WholeNumberTest {
  /** On a scale from 1 to 10; no second column, no number. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          7 | 7
          10 | 10
          1 | 1
          7. | 7
          **7** | 7
          "7" | 7
          7/10 | 7
          7 / 10. | 7
          7 out of 10 | 7
          Rating: 7 | 7
          My rating is 7 | 7
          my rating is: 7/10 | 7
          The answer is 7. | 7
          0 |
          11 |
          -7 |
          07 |
          7.5 |
          7,5 |
          7/100 |
          70/100 |
          7-8 |
          7 or 8 |
          seven |
          ７ |
          7 because it is fine |
          I would not give 7 |
          99999999999999999999 |
          """)
  void anAnswerIsANumberOnTheScaleOrNone(String answer, Integer number) {
    assertThat(WholeNumber.in(answer, 1, 10))
        .isEqualTo(number == null ? OptionalInt.empty() : OptionalInt.of(number));
  }
}
