package dev.inkling.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The scores of an evaluation, one for each model of each seed, in the ensemble's order.
 *
 * @param rows how many rows each score is a fraction of
 */
public record Scores(int rows, List<Score> scores) {
  /** The artifact's file. */
  public static final String FILE = "scores.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  public Scores {
    scores = List.copyOf(scores);
  }

  /** One model's score: a fraction, and the count it comes from. */
  public record Score(long seed, int model, int hits, double value) {}

  /** Reads the scores of an artifact. */
  public static Scores read(Artifact artifact) throws IOException {
    return JSON.readValue(Files.readAllBytes(artifact.file(FILE)), Scores.class);
  }

  void write(Path file) throws IOException {
    Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
  }

  /** These and those of further models, over as many rows. */
  public Scores and(Scores others) {
    if (rows != others.rows) {
      throw new IllegalArgumentException(
          "scores over " + rows + " and over " + others.rows + " rows are not one sample");
    }
    return new Scores(rows, Stream.concat(scores.stream(), others.scores.stream()).toList());
  }

  /** The values alone. */
  public double[] values() {
    return scores.stream().mapToDouble(Score::value).toArray();
  }
}
