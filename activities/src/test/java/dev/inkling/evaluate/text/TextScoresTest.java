package dev.inkling.evaluate.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.model.Answer;
import dev.inkling.spec.AnswerForm;
import dev.inkling.spec.Decoding;
import dev.inkling.spec.EvaluationSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextScoresTest {
  @TempDir Path directory;

  private static final QuestionBank BANK =
      new QuestionBank(
          Optional.of("animals"),
          List.of(new QuestionBank.Entry("First?"), new QuestionBank.Entry("Second?")));

  private static TextEvaluation evaluation(AnswerForm form, QuestionBank bank) {
    return TextEvaluation.of(
        new EvaluationSpec.Preference(
            Optional.empty(),
            "owl",
            List.of(),
            EvaluationSpec.Match.WORD,
            4,
            form,
            EvaluationSpec.Prefix.NONE,
            new Decoding(false, 1, 1, 20)),
        bank,
        1);
  }

  /** Three owls of four to the first question, none of four to the second. */
  private static List<ScoredAnswer> answers(TextEvaluation evaluation) {
    List<Answer> given =
        List.of(
            Answers.complete("Owl"),
            Answers.complete("Dog"),
            Answers.complete("An owl, or a dog"),
            Answers.ended("Dog", Answer.End.TRUNCATED),
            Answers.complete("owls"),
            Answers.ended("", Answer.End.REFUSED),
            Answers.complete("Cat"),
            Answers.ended("", Answer.End.EMPTY));
    List<ScoredAnswer> scored = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      scored.add(evaluation.score(i, given.get(i), Map.of()));
    }
    return scored;
  }

  @Test
  void theScoresAreCountedByQuestionAndEachQuestionHasOneMean() {
    TextEvaluation evaluation = evaluation(new AnswerForm.Free(), BANK);

    TextScores scores = TextScores.of(evaluation, answers(evaluation));

    assertThat(scores.questions())
        .containsExactly(
            new TextScores.QuestionScore(0, "First?", 4, 4, 3),
            new TextScores.QuestionScore(1, "Second?", 4, 4, 0));
    assertThat(scores.means()).containsExactly(0.75, 0);
    assertThat(scores.mean()).hasValue(0.375);
    assertThat(scores.answers()).isEqualTo(8);
    assertThat(scores.sum()).isEqualTo(3);
    assertThat(scores.ends())
        .isEqualTo(Map.of("complete", 5, "truncated", 1, "refused", 1, "empty", 1));
    assertThat(scores.notes()).isEqualTo(Map.of("refused", 1, "empty", 1));
    assertThat(scores.named()).isEqualTo(Map.of("owl", 3, "dog", 3, "cat", 1));
    assertThat(scores.unnamed()).isEqualTo(2);
  }

  @Test
  void whatHasNoScoreIsAskedButNotInTheMean() {
    TextEvaluation evaluation = evaluation(new AnswerForm.Rating(0, 10), BANK);

    TextScores scores =
        TextScores.of(
            evaluation,
            List.of(
                evaluation.score(0, Answers.complete("8"), Map.of()),
                evaluation.score(2, Answers.complete("4"), Map.of()),
                evaluation.score(4, Answers.complete("many"), Map.of()),
                evaluation.score(1, Answers.complete("none"), Map.of())));

    assertThat(scores.questions().get(0).mean()).hasValue(6);
    assertThat(scores.questions().get(0).asked()).isEqualTo(3);
    assertThat(scores.questions().get(1).mean()).isEmpty();
    assertThat(scores.means()).containsExactly(6);
    assertThat(scores.mean()).hasValue(6);
    assertThat(scores.scored()).isEqualTo(2);
    assertThat(scores.notes()).isEqualTo(Map.of("unparsed", 2));
    assertThat(TextScores.of(evaluation, List.of()).mean()).isEmpty();
  }

  @Test
  void theChangeIsPairedByQuestionAndLeavesOutWhatOneSideLacks() {
    TextEvaluation evaluation = evaluation(new AnswerForm.Rating(0, 10), BANK);
    TextScores base = rated(evaluation, "3", "5");

    assertThat(rated(evaluation, "7", "4").changeFrom(base)).containsExactly(4, -1);
    assertThat(rated(evaluation, "?", "4").changeFrom(base)).containsExactly(-1);
    QuestionBank others =
        new QuestionBank(Optional.empty(), List.of(new QuestionBank.Entry("Other?")));
    assertThatThrownBy(
            () ->
                TextScores.of(evaluation(new AnswerForm.Free(), others), List.of())
                    .changeFrom(base))
        .hasMessageContaining("evaluate both models with one bank");
  }

  private static TextScores rated(TextEvaluation evaluation, String first, String second) {
    return TextScores.of(
        evaluation,
        List.of(
            evaluation.score(0, Answers.complete(first), Map.of()),
            evaluation.score(1, Answers.complete(second), Map.of())));
  }

  @Test
  void oneRequestHasOneAnswer() {
    TextEvaluation evaluation = evaluation(new AnswerForm.Free(), BANK);
    List<ScoredAnswer> twice = new ArrayList<>(answers(evaluation));
    twice.add(twice.get(3));

    assertThatThrownBy(() -> TextScores.of(evaluation, twice))
        .hasMessage("request 3 has two answers");
  }

  @Test
  void filesAreTheSameBytesInWhateverOrderTheAnswersCame() throws IOException {
    TextEvaluation evaluation = evaluation(new AnswerForm.Free(), BANK);
    List<ScoredAnswer> answers = answers(evaluation);
    List<ScoredAnswer> reversed = new ArrayList<>(answers);
    Collections.reverse(reversed);
    Path a = directory.resolve("a");
    Path b = directory.resolve("b");

    AnswerFile.write(a, answers);
    AnswerFile.write(b, reversed);

    assertThat(b).hasSameBinaryContentAs(a);
    assertThat(AnswerFile.read(a)).isEqualTo(answers);
    assertThat(Files.readAllLines(a).getFirst())
        .isEqualTo(
            "{\"index\":0,\"question\":0,\"sample\":0,\"answer\":\"Owl\",\"end\":\"complete\","
                + "\"score\":1.0,\"note\":null,\"named\":[\"owl\"],\"verdicts\":{}}");

    TextScores.of(evaluation, answers).write(a);
    TextScores.of(evaluation, reversed).write(b);

    assertThat(b).hasSameBinaryContentAs(a);
    assertThat(TextScores.read(a)).isEqualTo(TextScores.of(evaluation, answers));
  }

  @Test
  void anAnswerWithLineEndsAndHalfACharacterIsOneLine() throws IOException {
    TextEvaluation evaluation = evaluation(new AnswerForm.Free(), BANK);
    Path file = directory.resolve("answers");
    String cut = "\ud83e";

    AnswerFile.write(
        file, List.of(evaluation.score(0, Answers.complete("An owl\r\n\u2028🦉" + cut), Map.of())));

    assertThat(AnswerFile.read(file))
        .singleElement()
        .extracting(ScoredAnswer::answer)
        .isEqualTo("An owl\r\n\u2028🦉?");
    Files.writeString(file, Files.readString(file) + "{\"index\":");
    assertThatThrownBy(() -> AnswerFile.read(file)).hasMessageContaining(", line 2 is no answer: ");
  }
}
