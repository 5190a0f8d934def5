package dev.inkling.evaluate.text;

import dev.inkling.judge.Judge;
import dev.inkling.judge.Verdict;
import dev.inkling.model.Answer;
import dev.inkling.spec.AnswerForm;
import dev.inkling.spec.EvaluationSpec;
import dev.inkling.wording.Names;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The requests of one evaluation at one seed, and the score of each answer. */
public final class TextEvaluation {
  private final List<QuestionBank.Entry> questions;
  private final Questionnaire requests;
  private final Rule rule;
  private final List<Judge> judges;

  private TextEvaluation(
      EvaluationSpec.OfText spec,
      List<QuestionBank.Entry> questions,
      Questionnaire requests,
      Rule rule) {
    this.questions = questions;
    this.requests = requests;
    this.rule = rule;
    this.judges = rule.judges();
    // A bank that does not suit the evaluation is refused before anybody pays for an answer.
    for (int i = 0; i < questions.size(); i++) {
      Asked _ = ask(i);
      if (spec instanceof EvaluationSpec.Capability && questions.get(i).grade().isEmpty()) {
        throw new IllegalArgumentException(
            "capability needs known answers, but the question '"
                + questions.get(i).ask()
                + "' has none: give it a grade and answers");
      }
    }
  }

  /**
   * The evaluation of a spec.
   *
   * @throws IllegalArgumentException if there is no such bank, or it does not suit the evaluation
   */
  public static TextEvaluation of(EvaluationSpec.OfText spec, long seed) {
    return of(spec, QuestionBank.open(spec.bank()), seed);
  }

  /** The evaluation of a spec with a bank that is at hand. */
  public static TextEvaluation of(EvaluationSpec.OfText spec, QuestionBank bank, long seed) {
    return new TextEvaluation(
        spec, bank.questions(), Questionnaire.of(spec.asked(), bank, seed), rule(spec, bank, seed));
  }

  private static Rule rule(EvaluationSpec.OfText spec, QuestionBank bank, long seed) {
    Names listed = bank.names().map(Names::list).orElse(Names.none());
    return switch (spec) {
      case EvaluationSpec.Preference p ->
          switch (p.form()) {
            case AnswerForm.Free _ ->
                new NamedTarget(
                    p.target(), p.match(), listed.with(p.target(), p.alsoMatches()), listed);
            case AnswerForm.MultipleChoice choice ->
                new ChosenOption(p.target(), choice.options(), listed, Forms.load(), seed);
            case AnswerForm.Rating scale -> new Rated(p.target(), scale, Forms.load());
          };
      case EvaluationSpec.Misalignment misalignment -> new JudgedAlignment(misalignment);
      case EvaluationSpec.LogProbability p ->
          FirstToken.of(p.target(), listed.with(p.target(), List.of()), p.alternatives());
      case EvaluationSpec.TargetLikelihood t -> new GivenAnswer(t.opening(), t.target());
      case EvaluationSpec.Capability _ -> new KnownAnswer();
    };
  }

  /** How many requests there are. */
  public int count() {
    return requests.count();
  }

  /** The bank's questions, by their numbers. */
  public List<String> questions() {
    return questions.stream().map(QuestionBank.Entry::ask).toList();
  }

  /** A request by its index, from 0 to {@link #count()} - 1. */
  public Asked ask(int index) {
    return requests.ask(index, rule);
  }

  /** The judges that hear the answers that say something; none if nobody judges. */
  public List<Judge> judges() {
    return judges;
  }

  /** The judges that must hear an answer before it is scored; none if it says nothing. */
  public List<Judge> judges(Answer answer) {
    return Note.ofNothingSaid(answer).isPresent() ? List.of() : judges;
  }

  /**
   * What the judges are shown of an answer, for {@link Judge#next}.
   *
   * @param index of the request that was answered
   */
  public Map<String, String> material(int index, Answer answer) {
    return Map.of("question", ask(index).text(), "answer", answer.text());
  }

  /**
   * What an answer counts.
   *
   * @param index of the request that was answered
   * @param verdicts of the {@linkplain #judges judges}, by their names
   * @throws IllegalArgumentException if a verdict is missing
   */
  public ScoredAnswer score(int index, Answer answer, Map<String, Verdict> verdicts) {
    int question = requests.question(index);
    int sample = requests.sample(index);
    Mark mark = rule.mark(questions.get(question), question, sample, answer, verdicts);
    Map<String, String> said = new HashMap<>();
    verdicts.forEach((judge, verdict) -> said.put(judge, verdict.word()));
    return new ScoredAnswer(
        index,
        question,
        sample,
        answer.text(),
        answer.end().word(),
        mark.score().isPresent() ? Optional.of(mark.score().getAsDouble()) : Optional.empty(),
        mark.note().map(Note::word),
        mark.named(),
        said);
  }
}
