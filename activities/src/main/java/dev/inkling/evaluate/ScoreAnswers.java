package dev.inkling.evaluate;

import dev.inkling.artifact.Artifact;
import dev.inkling.evaluate.text.AnswerFile;
import dev.inkling.evaluate.text.QuestionBank;
import dev.inkling.evaluate.text.ScoredAnswer;
import dev.inkling.evaluate.text.TextEvaluation;
import dev.inkling.evaluate.text.TextScores;
import dev.inkling.evaluate.text.UnscoredAnswer;
import dev.inkling.evaluate.text.UnscoredFile;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.Source;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Scores answers that are there for one target; nobody is asked and nothing is spent. */
public final class ScoreAnswers {
  /** Scoring so many takes far less than the time after which a silent stage counts as lost. */
  private static final int TELL_EVERY = 10_000;

  private ScoreAnswers() {}

  /** Performs the stage. */
  public static Outcome perform(StageContext context, Task.Score task) throws IOException {
    long began = System.nanoTime();
    Source.check(context, task.source());
    Stage stage = context.stage();
    String bank = stage.directory().orElse(task.evaluation().bank());
    TextEvaluation evaluation =
        TextEvaluation.of(task.evaluation(), QuestionBank.open(bank), stage.seeds().getFirst());
    Artifact asked = context.input("answers");
    List<UnscoredAnswer> answers = UnscoredFile.read(asked);
    if (answers.size() != evaluation.count()) {
      throw new IllegalStateException(
          asked.directory()
              + " has "
              + answers.size()
              + " answers instead of "
              + evaluation.count());
    }
    List<ScoredAnswer> scored = new ArrayList<>();
    for (UnscoredAnswer answer : answers) {
      if (scored.size() % TELL_EVERY == 0) {
        context.monitor().progress(scored.size(), answers.size(), "rows", Optional.empty());
      }
      scored.add(evaluation.score(answer.index(), answer.asAnswer(), Map.of()));
    }
    AnswerFile.write(context.output(AnswerFile.FILE), scored);
    TextScores scores = TextScores.of(evaluation, scored);
    scores.write(context.output(TextScores.FILE));
    return new Outcome(scores.summary(), (System.nanoTime() - began) / 1e9, answers.size(), "rows");
  }
}
