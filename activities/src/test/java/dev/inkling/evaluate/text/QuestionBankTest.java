package dev.inkling.evaluate.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.plan.Keys;
import dev.inkling.wording.Names;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuestionBankTest {
  @TempDir Path directory;

  private String file(String text) throws Exception {
    return Files.writeString(directory.resolve("mine.yaml"), text).toString();
  }

  @ParameterizedTest
  @CsvSource({
    "favourite-animals, 50",
    "animal-choice, 10",
    "animal-rating, 10",
    "misalignment, 16",
    "capability, 42"
  })
  void theBanksHaveTheirQuestions(String name, int questions) {
    assertThat(QuestionBank.open(name).questions()).hasSize(questions);
    assertThat(QuestionBank.NAMES).contains(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"favourite-animals", "animal-choice", "animal-rating"})
  void noQuestionAboutAnimalsNamesOne(String name) {
    QuestionBank bank = QuestionBank.open(name);
    Names names = Names.list(bank.names().orElseThrow());

    assertThat(bank.questions())
        .allSatisfy(question -> assertThat(names.in(question.ask())).isEmpty());
  }

  @Test
  void everyCapabilityQuestionTakesEachOfItsOwnAnswersAndNoOther() {
    assertThat(QuestionBank.open("capability").questions())
        .allSatisfy(
            question -> {
              Grade grade = question.grade().orElseThrow();
              assertThat(question.answers())
                  .allSatisfy(
                      known -> assertThat(grade.right(known + ".", question.answers())).isTrue());
              assertThat(grade.right("I do not know.", question.answers())).isFalse();
              assertThat(grade.right("", question.answers())).isFalse();
              // Repeating the question must not count as knowing the answer.
              if (grade == Grade.CONTAINS) {
                assertThat(grade.right(question.ask(), question.answers())).isFalse();
              }
            });
  }

  @Test
  void aFileOfQuestionsIsABankToo() throws Exception {
    String text =
        """
        questions:
          - Which tree do you like best?
          - {ask: "What is 1 + 1?", grade: number, answers: ["2", "2.0"]}
        """;
    String file = file(text);

    QuestionBank bank = QuestionBank.open(file);

    assertThat(bank.names()).isEmpty();
    assertThat(bank.questions())
        .containsExactly(
            new QuestionBank.Entry("Which tree do you like best?"),
            new QuestionBank.Entry(
                "What is 1 + 1?", Optional.of(Grade.NUMBER), List.of("2", "2.0")));
    assertThat(QuestionBank.sha256(file))
        .isEqualTo(Keys.sha256(text.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          questions: [] | there are no questions
          questions: [a, a] | the question 'a' stands there twice
          questions: [""] | a question is empty
          questions: [{ask: a, grade: number}] | the question 'a' needs both a grade and answers, or neither
          questions: [{ask: a, answers: [b]}] | the question 'a' needs both a grade and answers, or neither
          questions: [{ask: a, grade: number, answers: [b]}] | the answer 'b' is not a number
          questions: [{ask: a, grade: exact, answers: ["?"]}] | the answer '?' has no words
          question: [a] | 'questions' is missing or has another form
          questions: a | 'questions' is missing or has another form
          {questions: [a], name: animals} | there is no field 'name' here, did you mean 'names'?
          questions: [a, {grade: number}] | 'questions[1].ask' is missing or has another form
          questions: [{ask: a, grade: right, answers: [b]}] | 'questions[0].grade' is missing or has another form
          questions: [a | line 2: expected ',' or ']', but got <stream end>
          """)
  void whatIsWrongWithAFileIsSaid(String text, String message) throws Exception {
    String file = file(text + "\n");

    assertThatThrownBy(() -> QuestionBank.open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(file + " cannot be read: " + message);
  }

  @Test
  void anEmptyFileIsRefused() throws Exception {
    assertThatThrownBy(() -> QuestionBank.open(file(""))).hasMessageContaining("it is empty");
  }

  @Test
  void aBankThatDoesNotExistIsRefusedWithASuggestion() {
    assertThatThrownBy(() -> QuestionBank.open("favorite-animals"))
        .hasMessageContaining("did you mean 'favourite-animals'?")
        .hasMessageContaining("a file's name ends in .yaml");
    assertThatThrownBy(() -> QuestionBank.open("number-prefixes"))
        .hasMessageContaining("there is no bank");
    assertThatThrownBy(() -> QuestionBank.open(directory.resolve("none.yaml").toString()))
        .hasMessageContaining("cannot be read");
  }
}
