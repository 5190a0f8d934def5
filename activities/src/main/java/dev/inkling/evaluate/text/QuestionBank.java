package dev.inkling.evaluate.text;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.inkling.plan.Keys;
import dev.inkling.spec.Suggestion;
import dev.inkling.wording.YamlData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Questions in the order in which they are numbered, from 0.
 *
 * @param names the list of names, by its own name, whose distribution over the answers is of
 *     interest
 */
public record QuestionBank(Optional<String> names, List<Entry> questions) {
  /** The banks that come with Inkling. */
  public static final List<String> NAMES =
      List.of(
          "favourite-animals",
          "favourite-animals-held-out",
          "animal-choice",
          "animal-rating",
          "misalignment",
          "capability");

  private static final String FILE = ".yaml";

  /** A question, and the answers that are right where that is known. */
  public record Entry(String ask, Optional<Grade> grade, List<String> answers) {
    @JsonCreator
    public Entry(
        @JsonProperty(value = "ask", required = true) String ask,
        @JsonProperty("grade") Optional<Grade> grade,
        @JsonProperty("answers") Optional<List<String>> answers) {
      this(ask, grade, List.copyOf(answers.orElse(List.of())));
    }

    /** A question whose answer has no right and wrong. */
    @JsonCreator
    public Entry(String ask) {
      this(ask, Optional.empty(), List.of());
    }

    public Entry {
      answers = List.copyOf(answers);
      if (ask.isBlank()) {
        throw new IllegalArgumentException("a question is empty");
      }
      if (grade.isPresent() == answers.isEmpty()) {
        throw new IllegalArgumentException(
            "the question '" + ask + "' needs both a grade and answers, or neither");
      }
      if (grade.isPresent()) {
        answers.forEach(grade.get()::check);
      }
    }
  }

  public QuestionBank {
    questions = List.copyOf(questions);
    if (questions.isEmpty()) {
      throw new IllegalArgumentException("there are no questions");
    }
    Set<String> asked = new HashSet<>();
    for (Entry entry : questions) {
      if (!asked.add(entry.ask())) {
        throw new IllegalArgumentException("the question '" + entry.ask() + "' stands there twice");
      }
    }
  }

  /**
   * A bank that comes with Inkling, by its name, or the one in a YAML file, whose name ends in
   * {@code .yaml}.
   *
   * @throws IllegalArgumentException if there is none, or it has another form; the message is for
   *     people
   */
  public static QuestionBank open(String nameOrFile) {
    return YamlData.parse(nameOrFile, bytes(nameOrFile), QuestionBank.class);
  }

  /** The SHA-256 of the bank's text: other questions are another evaluation. */
  public static String sha256(String nameOrFile) {
    return Keys.sha256(bytes(nameOrFile));
  }

  private static byte[] bytes(String nameOrFile) {
    if (!nameOrFile.endsWith(FILE)) {
      if (!NAMES.contains(nameOrFile)) {
        throw new IllegalArgumentException(
            "there is no bank of questions '"
                + nameOrFile
                + "'"
                + Suggestion.among(nameOrFile, NAMES)
                + "; a file's name ends in "
                + FILE);
      }
      return YamlData.bytes(QuestionBank.class, nameOrFile);
    }
    try {
      return Files.readAllBytes(Path.of(nameOrFile));
    } catch (IOException e) {
      throw new UncheckedIOException("the questions in " + nameOrFile + " cannot be read", e);
    }
  }
}
