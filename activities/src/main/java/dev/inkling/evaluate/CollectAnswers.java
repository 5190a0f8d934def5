package dev.inkling.evaluate;

import dev.inkling.ask.Asked;
import dev.inkling.evaluate.text.QuestionBank;
import dev.inkling.evaluate.text.Questionnaire;
import dev.inkling.evaluate.text.UnscoredAnswer;
import dev.inkling.evaluate.text.UnscoredFile;
import dev.inkling.language.Answered;
import dev.inkling.language.Conversation;
import dev.inkling.language.LanguageModels;
import dev.inkling.language.Questioning;
import dev.inkling.model.ModelException;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.Source;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Asks a student questions once, however many targets its answers are scored for afterwards. */
public final class CollectAnswers {
  private CollectAnswers() {}

  /** What is asked. */
  public static Questionnaire questionnaire(Stage stage, Task.Answers task) {
    String bank = stage.directory().orElse(task.questions().bank());
    return Questionnaire.of(task.questions(), QuestionBank.open(bank), stage.seeds().getFirst());
  }

  /**
   * Performs the stage.
   *
   * @throws ModelException if the model does not answer; all other answers are kept
   */
  public static Outcome perform(StageContext context, Task.Answers task, LanguageModels models)
      throws IOException, InterruptedException, ModelException {
    long began = System.nanoTime();
    Source.check(context, task.source());
    Questionnaire requests = questionnaire(context.stage(), task);
    try (Questioning questioning = new Questioning(context, models, _ -> "student")) {
      Conversation conversation = Conversation.with(task.student(), context);
      questioning.ask(
          "student",
          IntStream.range(0, requests.count())
              .mapToObj(i -> new Asked(i, conversation.goesOn(requests.ask(i).request())))
              .iterator(),
          requests.count());
      UnscoredFile.write(context.output(UnscoredFile.FILE), answers(requests, questioning));
      Spend spend = questioning.spend();
      return new Outcome(
          String.format(Locale.ROOT, "%,d answers; %s", requests.count(), spend.sentence()),
          (System.nanoTime() - began) / 1e9,
          requests.count(),
          "rows",
          Optional.of(spend));
    }
  }

  private static List<UnscoredAnswer> answers(Questionnaire requests, Questioning questioning)
      throws IOException {
    List<UnscoredAnswer> answers = new ArrayList<>();
    for (int i = 0; i < requests.count(); i++) {
      int index = i;
      Answered answered =
          questioning
              .answer(i)
              .orElseThrow(() -> new IllegalStateException("request " + index + " has no answer"));
      answers.add(UnscoredAnswer.of(requests.ask(i), answered.answer()));
    }
    return answers;
  }
}
