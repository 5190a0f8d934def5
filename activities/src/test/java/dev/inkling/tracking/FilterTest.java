package dev.inkling.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What somebody types after --where. */
class FilterTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "modl = gpt | there is no field 'modl', did you mean 'model'?",
        "state = finished | there is no state 'finished', did you mean 'unfinished'?",
        "mean > much | mean is a number, and 'much' is none",
        "name > a | name is compared with = != ~, not with >",
        "mean ~ 1 | mean is compared with = != < <= > >=, not with ~",
        "made > yesterday | 'yesterday' is no time",
        "state | at the end: expected one of = != < <= > >= ~",
        "state = | at the end: expected a value",
        "state done | at 'done': expected one of =",
        "condition = student (ghost) | at '(ghost)': expected 'and' or the end (a value with blanks",
        "name = a or name = b | at 'or name = b': expected 'and' or the end",
        "name = a and | at the end: expected a field",
        "name = 'a | at ''a': expected a value",
        "`` | at the end: expected a field"
      })
  void whatIsWrongIsToldWithItsPlace(String typed, String message) {
    assertThatThrownBy(() -> Filter.of(typed == null ? "" : typed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("In --where")
        .hasMessageContaining(message);
  }

  @Test
  void valuesNeverStandInTheSqlAndNumbersAreNumbers() {
    Filter filter =
        Filter.of("name='its'   and seed>=3 AND mean < 1e-3 and condition ~ \"50%_\\ it's\"");

    assertThat(filter.values()).containsExactly("its", 3L, 0.001, "%50\\%\\_\\\\ it's%");
  }

  @Test
  void itIsOfConditionsWhereItSpeaksOfThem() {
    assertThat(Filter.of("state = done and seed = 1").ofConditions()).isFalse();
    assertThat(Filter.of("state = done and p < 0.05").ofConditions()).isTrue();
    assertThat(Filter.everything().ofConditions()).isFalse();
  }
}
