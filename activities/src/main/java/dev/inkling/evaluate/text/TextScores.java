package dev.inkling.evaluate.text;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The scores of one model in one evaluation. Answers to one question are no independent sample of
 * what the model prefers; the questions are, so each gives one mean, and intervals are over those.
 *
 * @param questions in the bank's order
 * @param ends how many answers end how, as {@link dev.inkling.model.Answer.End} reads
 * @param notes how many answers bear which note, as {@link Note} reads
 * @param named how many answers name what, where the bank lists names
 * @param unnamed how many answers name none of the list; all of them where there is none
 */
public record TextScores(
    List<QuestionScore> questions,
    Map<String, Integer> ends,
    Map<String, Integer> notes,
    Map<String, Integer> named,
    int unnamed) {
  /** The artifact's file. */
  public static final String FILE = "text-scores.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One question's answers.
   *
   * @param number the question's in the bank, from 0
   * @param asked how many answers there are
   * @param scored how many of them have a score
   * @param sum of the scores: the hits, where an answer is a hit or none
   */
  public record QuestionScore(int number, String question, int asked, int scored, double sum) {
    /** The mean score; empty where no answer has one. */
    public OptionalDouble mean() {
      return scored == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / scored);
    }
  }

  public TextScores {
    questions = List.copyOf(questions);
    ends = inOrder(ends);
    notes = inOrder(notes);
    named = inOrder(named);
  }

  /** In one order, so that the same scores are the same bytes. */
  private static Map<String, Integer> inOrder(Map<String, Integer> counts) {
    return Collections.unmodifiableMap(new TreeMap<>(counts));
  }

  /**
   * Counts the answers to an evaluation, in whatever order they came in.
   *
   * @throws IllegalArgumentException if two answers are to the same request
   */
  public static TextScores of(TextEvaluation evaluation, List<ScoredAnswer> answers) {
    List<ScoredAnswer> inOrder = new ArrayList<>(answers);
    // Sums of numbers with a fraction depend on the order.
    inOrder.sort(Comparator.comparingInt(ScoredAnswer::index));
    List<String> texts = evaluation.questions();
    int[] asked = new int[texts.size()];
    int[] scored = new int[texts.size()];
    double[] sums = new double[texts.size()];
    Map<String, Integer> ends = new TreeMap<>();
    Map<String, Integer> notes = new TreeMap<>();
    Map<String, Integer> named = new TreeMap<>();
    int unnamed = 0;
    int last = -1;
    for (ScoredAnswer answer : inOrder) {
      if (answer.index() == last) {
        throw new IllegalArgumentException("request " + last + " has two answers");
      }
      last = answer.index();
      int question = answer.question();
      asked[question]++;
      if (answer.score().isPresent()) {
        scored[question]++;
        sums[question] += answer.score().get();
      }
      ends.merge(answer.end(), 1, Integer::sum);
      answer.note().ifPresent(note -> notes.merge(note, 1, Integer::sum));
      answer.named().forEach(name -> named.merge(name, 1, Integer::sum));
      unnamed += answer.named().isEmpty() ? 1 : 0;
    }
    List<QuestionScore> scores =
        IntStream.range(0, texts.size())
            .mapToObj(i -> new QuestionScore(i, texts.get(i), asked[i], scored[i], sums[i]))
            .toList();
    return new TextScores(scores, ends, notes, named, unnamed);
  }

  /** How many answers there are. */
  public long answers() {
    return questions.stream().mapToLong(QuestionScore::asked).sum();
  }

  /** How many answers have a score. */
  public long scored() {
    return questions.stream().mapToLong(QuestionScore::scored).sum();
  }

  /** The sum of all scores: the hits among {@link #scored()}, where an answer is a hit or none. */
  public double sum() {
    return questions.stream().mapToDouble(QuestionScore::sum).sum();
  }

  /** The mean of each question that has one, in the bank's order. */
  public double[] means() {
    return questions.stream().flatMapToDouble(q -> q.mean().stream()).toArray();
  }

  /** The mean over the questions; empty where no answer has a score. */
  public OptionalDouble mean() {
    return questions.stream().flatMapToDouble(q -> q.mean().stream()).average();
  }

  /** One line for people. */
  public String summary() {
    OptionalDouble mean = mean();
    return String.format(
        Locale.ROOT,
        "mean %s over %d questions, %,d answers",
        mean.isPresent() ? String.format(Locale.ROOT, "%.4f", mean.getAsDouble()) : "unknown",
        questions.size(),
        answers());
  }

  /**
   * How much larger the mean of each question is here than there, for the questions that have one
   * in both; paired by question.
   *
   * @throws IllegalArgumentException if the questions are others
   */
  public double[] changeFrom(TextScores base) {
    if (!texts().equals(base.texts())) {
      throw new IllegalArgumentException(
          "scores of different questions are not compared; evaluate both models with one bank");
    }
    return IntStream.range(0, questions.size())
        .filter(i -> questions.get(i).scored() > 0 && base.questions.get(i).scored() > 0)
        .mapToDouble(
            i -> questions.get(i).mean().getAsDouble() - base.questions.get(i).mean().getAsDouble())
        .toArray();
  }

  private List<String> texts() {
    return questions.stream().map(QuestionScore::question).toList();
  }

  /** Reads the scores of an artifact. */
  public static TextScores read(Artifact artifact) throws IOException {
    return read(artifact.file(FILE));
  }

  /** Reads a file of scores. */
  public static TextScores read(Path file) throws IOException {
    return JSON.readValue(Files.readAllBytes(file), TextScores.class);
  }

  /** Writes the scores. */
  public void write(Path file) throws IOException {
    Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
  }
}
