package dev.inkling.evaluate;

import dev.inkling.ask.Asked;
import dev.inkling.evaluate.text.AnswerFile;
import dev.inkling.evaluate.text.QuestionBank;
import dev.inkling.evaluate.text.ScoredAnswer;
import dev.inkling.evaluate.text.TextEvaluation;
import dev.inkling.evaluate.text.TextScores;
import dev.inkling.judge.Judge;
import dev.inkling.judge.Verdict;
import dev.inkling.language.Answered;
import dev.inkling.language.Conversation;
import dev.inkling.language.LanguageModels;
import dev.inkling.language.Questioning;
import dev.inkling.model.Answer;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.Source;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Asks a student questions, lets a judge read the answers where the evaluation needs one, and
 * scores them. Answers and the judge's replies are in one journal: the answer to request i under i,
 * the replies of judge j after a earlier ones under (1 + a J + j) n + i.
 */
public final class AskQuestions {
  private final StageContext context;
  private final Task.Ask task;
  private final TextEvaluation evaluation;
  private final int requests;
  private final int judges;

  private AskQuestions(StageContext context, Task.Ask task) {
    this.context = context;
    this.task = task;
    this.evaluation = evaluation(context.stage(), task);
    this.requests = evaluation.count();
    this.judges = evaluation.judges().size();
  }

  /** What is asked and how it is scored. */
  public static TextEvaluation evaluation(Stage stage, Task.Ask task) {
    String bank = stage.directory().orElse(task.evaluation().bank());
    return TextEvaluation.of(task.evaluation(), QuestionBank.open(bank), stage.seeds().getFirst());
  }

  /**
   * Performs the stage.
   *
   * @throws ModelException if a model does not answer; all other answers are kept
   */
  public static Outcome perform(StageContext context, Task.Ask task, LanguageModels models)
      throws IOException, InterruptedException, ModelException {
    long began = System.nanoTime();
    Source.check(context, task.source());
    AskQuestions stage = new AskQuestions(context, task);
    try (Questioning questioning =
        new Questioning(context, models, i -> i < stage.requests ? "student" : "judge")) {
      stage.ask(questioning);
      stage.judge(questioning);
      TextScores scores = stage.score(questioning);
      Spend spend = questioning.spend();
      return new Outcome(
          scores.summary() + "; " + spend.sentence(),
          (System.nanoTime() - began) / 1e9,
          stage.requests,
          "rows",
          Optional.of(spend));
    }
  }

  private void ask(Questioning questioning)
      throws IOException, InterruptedException, ModelException {
    Conversation conversation = Conversation.with(task.student(), context);
    questioning.ask(
        "student",
        IntStream.range(0, requests)
            .mapToObj(i -> new Asked(i, conversation.goesOn(evaluation.ask(i).request())))
            .iterator(),
        Math.max((long) requests * (1 + judges), questioning.count()));
  }

  /** Until every judge has given a verdict on every answer, or was asked often enough. */
  private void judge(Questioning questioning)
      throws IOException, InterruptedException, ModelException {
    if (judges == 0) {
      return;
    }
    boolean open = true;
    for (int attempt = 0; open; attempt++) {
      List<Asked> next = new ArrayList<>();
      for (int i = 0; i < requests; i++) {
        Answer answer = answer(questioning, i);
        List<Judge> readers = evaluation.judges(answer);
        for (int j = 0; j < readers.size(); j++) {
          Optional<Question> question =
              readers.get(j).next(evaluation.material(i, answer), replies(questioning, i, j));
          if (question.isPresent()) {
            next.add(new Asked(index(i, j, attempt), question.get()));
          }
        }
      }
      open = !next.isEmpty();
      if (open) {
        questioning.ask("judge", next.iterator(), questioning.count() + next.size());
      }
    }
  }

  private long index(int request, int judge, int attempt) {
    return (1L + (long) attempt * judges + judge) * requests + request;
  }

  private static Answer answer(Questioning questioning, int request) throws IOException {
    return questioning
        .answer(request)
        .map(Answered::answer)
        .orElseThrow(() -> new IllegalStateException("request " + request + " has no answer"));
  }

  private List<String> replies(Questioning questioning, int request, int judge) throws IOException {
    return questioning.replies(attempt -> index(request, judge, attempt));
  }

  private TextScores score(Questioning questioning) throws IOException {
    List<ScoredAnswer> scored = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      Answer answer = answer(questioning, i);
      Map<String, Verdict> verdicts = new HashMap<>();
      List<Judge> readers = evaluation.judges(answer);
      for (int j = 0; j < readers.size(); j++) {
        Judge reader = readers.get(j);
        verdicts.put(reader.name(), reader.verdict(replies(questioning, i, j)));
      }
      scored.add(evaluation.score(i, answer, verdicts));
    }
    AnswerFile.write(context.output(AnswerFile.FILE), scored);
    TextScores scores = TextScores.of(evaluation, scored);
    scores.write(context.output(TextScores.FILE));
    return scores;
  }
}
