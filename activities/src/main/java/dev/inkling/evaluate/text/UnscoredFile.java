package dev.inkling.evaluate.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.Artifact;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The answers to questions as JSON lines, in the order of their requests, for any number of
 * targets.
 */
public final class UnscoredFile {
  /** The artifact's file. */
  public static final String FILE = "unscored.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private UnscoredFile() {}

  /** Writes the answers, which are in order. */
  public static void write(Path file, List<UnscoredAnswer> answers) throws IOException {
    try (Writer lines = Files.newBufferedWriter(file)) {
      for (UnscoredAnswer answer : answers) {
        lines.write(JSON.writeValueAsString(answer));
        lines.write('\n');
      }
    }
  }

  /**
   * Reads the answers of an artifact.
   *
   * @throws IOException if a line is no answer, with the line's number
   */
  public static List<UnscoredAnswer> read(Artifact artifact) throws IOException {
    Path file = artifact.file(FILE);
    List<UnscoredAnswer> answers = new ArrayList<>();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        answers.add(JSON.readValue(line, UnscoredAnswer.class));
      }
    } catch (JsonProcessingException e) {
      throw new IOException(
          file + ", line " + (answers.size() + 1) + " is no answer: " + e.getOriginalMessage(), e);
    }
    return answers;
  }
}
