package dev.inkling.evaluate.text;

import dev.inkling.judge.Judge;
import dev.inkling.judge.Verdict;
import dev.inkling.model.Answer;
import dev.inkling.model.Message;
import dev.inkling.model.Question;
import dev.inkling.spec.AnswerForm;
import dev.inkling.spec.EvaluationSpec;
import dev.inkling.tensor.Counter;
import dev.inkling.wording.Names;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The requests of one evaluation at one seed, and the score of each answer. A request is a function
 * of the spec, the seed and its index, so that a resumed evaluation asks what an uninterrupted one
 * would have asked, and every condition is asked the same. Index {@code i} asks question {@code i}
 * modulo the number of questions: with more samples per question, further requests follow and the
 * old ones stay.
 */
public final class TextEvaluation {
  private final EvaluationSpec.OfText spec;
  private final long seed;
  private final List<QuestionBank.Entry> questions;
  private final List<String> texts;
  private final Rule rule;
  private final List<Judge> judges;

  private TextEvaluation(
      EvaluationSpec.OfText spec,
      long seed,
      List<QuestionBank.Entry> questions,
      List<String> texts,
      Rule rule) {
    this.spec = spec;
    this.seed = seed;
    this.questions = questions;
    this.texts = texts;
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
    List<QuestionBank.Entry> questions = bank.questions();
    return new TextEvaluation(
        spec, seed, questions, texts(questions, prefix(spec), seed), rule(spec, bank, seed));
  }

  private static List<String> texts(
      List<QuestionBank.Entry> questions, EvaluationSpec.Prefix prefix, long seed) {
    List<String> asked = questions.stream().map(QuestionBank.Entry::ask).toList();
    return switch (prefix) {
      case NONE -> asked;
      case NUMBERS -> {
        NumberPrefix numbers = NumberPrefix.load();
        String[] prefixed = new String[asked.size()];
        for (int i = 0; i < prefixed.length; i++) {
          prefixed[i] = numbers.before(asked.get(i), Counter.key(seed, "evaluate.prefix", i));
        }
        yield List.of(prefixed);
      }
    };
  }

  private static EvaluationSpec.Prefix prefix(EvaluationSpec.OfText spec) {
    return switch (spec) {
      case EvaluationSpec.Preference preference -> preference.prefix();
      case EvaluationSpec.LogProbability probability -> probability.prefix();
      case EvaluationSpec.Misalignment _, EvaluationSpec.Capability _ -> EvaluationSpec.Prefix.NONE;
    };
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
      case EvaluationSpec.Capability _ -> new KnownAnswer();
    };
  }

  /** How many requests there are. */
  public int count() {
    return Math.multiplyExact(questions.size(), spec.samplesPerQuestion());
  }

  /** The bank's questions, by their numbers. */
  public List<String> questions() {
    return questions.stream().map(QuestionBank.Entry::ask).toList();
  }

  /** A request by its index, from 0 to {@link #count()} - 1. */
  public Asked ask(int index) {
    int question = question(index);
    int sample = sample(index);
    String text = rule.ask(texts.get(question), question, sample);
    // 31 bits, because some providers take no larger seed and no negative one.
    long drawn = Counter.key(seed, "evaluate.answer", question, sample) >>> 33;
    Question request =
        new Question(
            List.of(Message.user(text)),
            spec.decoding(),
            OptionalLong.of(drawn),
            rule.alternatives());
    return new Asked(index, question, sample, text, request);
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
    int question = question(index);
    int sample = sample(index);
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

  private int question(int index) {
    if (index < 0 || index >= count()) {
      throw new IndexOutOfBoundsException(
          "there is no request " + index + " among " + count() + ", counted from 0");
    }
    return index % questions.size();
  }

  private int sample(int index) {
    return index / questions.size();
  }
}
