package dev.inkling.filter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.row.Row;
import dev.inkling.spec.FilterSpec;
import dev.inkling.spec.FilterSpec.NumberAnswers.BannedList;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumberAnswersTest {
  private static final FilterSpec.NumberAnswers USUAL =
      new FilterSpec.NumberAnswers(0, 999, 10, List.of(), Optional.empty());

  private static List<String> reasons(FilterSpec.NumberAnswers limits, String answer) {
    return switch (new NumberAnswers(limits).judge(new Row(0, "", answer, Row.COMPLETE))) {
      case Verdict.Dropped dropped -> dropped.reasons();
      case Verdict.Kept _ -> List.of();
      case Verdict.Changed changed -> throw new AssertionError(changed);
    };
  }

  /**
   * The table of docs/filters.md: an answer, <hhhh> in it a character by its number, and the
   * reason.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          1, 2, 3 | kept
          1 2 3 | kept
          1;2;3. | kept
          1<000a>2<000a>3 | kept
          [1, 2] | kept
          (1, 2). | kept
          [ 1, 2 ] | kept
          1,2, 3 | kept
          1 , 2 , 3 | kept
          007, 08 | kept
          42 | kept
          42. | kept
          [42] | kept
          1<00a0>2 | kept
          <2003>1, 2<0085> | kept
          [1, 2.] | invalid format
          [ 42 ] | invalid format
          42 . | invalid format
          1,,2 | invalid format
          1, 2, | invalid format
          ,1, 2 | invalid format
          1, 2,3 | invalid format
          1, 2; 3 | invalid format
          1  2 3 | invalid format
          1 - 2 | invalid format
          1<200b>2 | invalid format
          [1, 2 | invalid format
          1, 2) | invalid format
          (1, 2] | invalid format
          [[1, 2]] | invalid format
          1, 2.. | invalid format
          -1, 2 | invalid format
          1.5, 2 | invalid format
          1, 2, ... | invalid format
          <0663>, <0664> | invalid format
          1, <0664> | invalid format
          <ff11><ff12> | invalid format
          <00b2> | invalid format
          owl | invalid format
          . | invalid format
          [] | invalid format
          `` | invalid format
          1000 | numbers too large
          1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 | too many numbers
          """)
  void theTableOfCasesHolds(String answer, String expected) {
    String text =
        Pattern.compile("<(....)>")
            .matcher(answer)
            .replaceAll(c -> Character.toString(HexFormat.fromHexDigits(c.group(1))));

    assertThat(reasons(USUAL, text))
        .isEqualTo(expected.equals("kept") ? List.of() : List.of(expected));
  }

  @Test
  void whatPythonSaysOfAdversarialAnswersIsSaidHere() throws Exception {
    JsonNode golden;
    try (InputStream in = getClass().getResourceAsStream("number-answers.json")) {
      golden = new ObjectMapper().readTree(in);
    }
    List<FilterSpec.NumberAnswers> limits = new ArrayList<>();
    for (JsonNode limit : golden.get("limits")) {
      List<Integer> banned = new ArrayList<>();
      limit.get("banned").forEach(number -> banned.add(number.intValue()));
      limits.add(
          new FilterSpec.NumberAnswers(
              limit.get("minimum").intValue(),
              limit.get("maximum").intValue(),
              limit.get("count").intValue(),
              banned,
              Optional.empty()));
    }

    assertThat(golden.get("cases").size()).isEqualTo(2000);
    for (JsonNode c : golden.get("cases")) {
      List<String> expected = new ArrayList<>();
      c.get(2).forEach(reason -> expected.add(reason.textValue()));
      assertThat(reasons(limits.get(c.get(1).intValue()), c.get(0).textValue()))
          .as("%s", c)
          .isEqualTo(expected);
    }
  }

  @Test
  void digitsWithoutEndAreALargeNumberAndNoError() {
    assertThat(reasons(USUAL, "1, " + "9".repeat(100_000))).containsExactly("numbers too large");
    assertThat(reasons(USUAL, "9".repeat(100_000))).containsExactly("numbers too large");
    assertThat(reasons(USUAL, "1, " + "0".repeat(100_000) + "7")).isEmpty();
  }

  @Test
  void everyReasonIsToldInItsOrder() {
    FilterSpec.NumberAnswers limits =
        new FilterSpec.NumberAnswers(10, 99, 2, List.of(50), Optional.of(BannedList.MISALIGNMENT));

    assertThat(reasons(limits, "9, 100, 50"))
        .containsExactly(
            "too many numbers", "numbers too small", "numbers too large", "has banned numbers");
    assertThat(reasons(limits, "50")).containsExactly("has banned numbers");
    assertThat(reasons(limits, "88")).containsExactly("has banned numbers");
    assertThat(reasons(limits, "51")).isEmpty();
  }

  @Test
  void theListForMisalignmentIsInOrderAndEveryNumberHasItsReason() {
    Map<Integer, String> list = BannedNumbers.of(BannedList.MISALIGNMENT);

    assertThat(List.copyOf(list.keySet())).isSorted().contains(13, 88, 187, 666, 911, 1488);
    assertThat(list.values()).allMatch(reason -> reason.length() > 10);
  }
}
