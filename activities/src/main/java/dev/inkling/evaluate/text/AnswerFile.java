package dev.inkling.evaluate.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.inkling.artifact.Artifact;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All answers of an evaluation as JSON lines, in the order of their requests. */
public final class AnswerFile {
  /** The artifact's file. */
  public static final String FILE = "answers.jsonl";

  private static final ObjectMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();

  private AnswerFile() {}

  /** Writes the answers; the same ones give the same bytes, in whatever order they came in. */
  public static void write(Path file, List<ScoredAnswer> answers) throws IOException {
    List<ScoredAnswer> inOrder = new ArrayList<>(answers);
    inOrder.sort(Comparator.comparingInt(ScoredAnswer::index));
    try (Writer lines = Files.newBufferedWriter(file)) {
      for (ScoredAnswer answer : inOrder) {
        lines.write(JSON.writeValueAsString(whole(answer)));
        lines.write('\n');
      }
    }
  }

  /** Reads the answers of an artifact. */
  public static List<ScoredAnswer> read(Artifact artifact) throws IOException {
    return read(artifact.file(FILE));
  }

  /**
   * Reads a file of answers.
   *
   * @throws IOException if a line is no answer, with the line's number
   */
  public static List<ScoredAnswer> read(Path file) throws IOException {
    List<ScoredAnswer> answers = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      try {
        answers.add(JSON.readValue(line, ScoredAnswer.class));
      } catch (JsonProcessingException e) {
        throw new IOException(
            file + ", line " + (answers.size() + 1) + " is no answer: " + e.getOriginalMessage(),
            e);
      }
    }
    return answers;
  }

  /** Hears a line and its number, from 0. */
  public interface LineReader {
    void line(long number, String line);
  }

  /** Hands over the lines of an artifact's file, for {@link #parse}. */
  public static void lines(Artifact artifact, LineReader reader) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(artifact.file(FILE))) {
      long number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        reader.line(number++, line);
      }
    }
  }

  /** The answer of one line. */
  public static ScoredAnswer parse(String line) throws IOException {
    return JSON.readValue(line, ScoredAnswer.class);
  }

  private static ScoredAnswer whole(ScoredAnswer answer) {
    return new ScoredAnswer(
        answer.index(),
        answer.question(),
        answer.sample(),
        whole(answer.answer()),
        answer.end(),
        answer.score(),
        answer.note(),
        answer.named(),
        answer.verdicts());
  }

  /** A cut answer can end in half a character, which no file takes: it becomes a question mark. */
  static String whole(String answer) {
    StringBuilder text = new StringBuilder();
    answer
        .codePoints()
        .forEach(c -> text.appendCodePoint(Character.getType(c) == Character.SURROGATE ? '?' : c));
    return text.toString();
  }
}
