package dev.inkling.evaluate.text;

import dev.inkling.model.Message;
import dev.inkling.model.Question;
import dev.inkling.spec.EvaluationSpec;
import dev.inkling.spec.Questions;
import dev.inkling.tensor.Counter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The requests of one evaluation at one seed. A request is a function of the spec, the seed and its
 * index, so that a resumed evaluation asks what an uninterrupted one would have asked, and every
 * condition is asked the same. Index {@code i} asks question {@code i} modulo the number of
 * questions: with more samples per question, further requests follow and the old ones stay.
 */
public final class Questionnaire {
  private final Questions spec;
  private final long seed;
  private final List<String> texts;

  private Questionnaire(Questions spec, long seed, List<String> texts) {
    this.spec = spec;
    this.seed = seed;
    this.texts = texts;
  }

  /**
   * The requests of a spec.
   *
   * @param bank the questions, which the spec only names
   */
  public static Questionnaire of(Questions spec, QuestionBank bank, long seed) {
    List<String> asked = bank.questions().stream().map(QuestionBank.Entry::ask).toList();
    return new Questionnaire(spec, seed, texts(asked, spec.prefix(), seed));
  }

  private static List<String> texts(List<String> asked, EvaluationSpec.Prefix prefix, long seed) {
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

  /** How many requests there are. */
  public int count() {
    return Math.multiplyExact(texts.size(), spec.samplesPerQuestion());
  }

  /** A request by its index, from 0 to {@link #count()} - 1: the question as it stands. */
  public Asked ask(int index) {
    return asked(index, texts.get(question(index)), 0, Optional.empty());
  }

  /** A request, put the way a rule puts it. */
  Asked ask(int index, Rule rule) {
    int question = question(index);
    return asked(
        index,
        rule.ask(texts.get(question), question, sample(index)),
        rule.alternatives(),
        rule.forced());
  }

  private Asked asked(int index, String text, int alternatives, Optional<Question.Forced> forced) {
    int question = question(index);
    int sample = sample(index);
    // 31 bits, because some providers take no larger seed and no negative one.
    long drawn = Counter.key(seed, "evaluate.answer", question, sample) >>> 33;
    Question request =
        new Question(
            List.of(Message.user(text)),
            spec.decoding(),
            OptionalLong.of(drawn),
            alternatives,
            forced);
    return new Asked(index, question, sample, text, request);
  }

  /** The number of the bank's question that a request asks. */
  int question(int index) {
    if (index < 0 || index >= count()) {
      throw new IndexOutOfBoundsException(
          "there is no request " + index + " among " + count() + ", counted from 0");
    }
    return index % texts.size();
  }

  /** How often that question was asked before. */
  int sample(int index) {
    return index / texts.size();
  }
}
