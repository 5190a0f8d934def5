package dev.inkling.language;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.inkling.artifact.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The job that has fine-tuned a hosted model, as its artifact keeps it.
 *
 * @param server the provider or the endpoint
 * @param job the job's id there
 * @param file the id of the training file
 * @param base the model that was fine-tuned
 * @param model the new model's id
 * @param status as the provider says it
 * @param trainedTokens what is billed
 * @param createdAt ISO 8601
 * @param finishedAt ISO 8601
 * @param rows in the training file
 */
public record JobFile(
    String server,
    String job,
    String file,
    String base,
    String model,
    String status,
    Optional<Long> trainedTokens,
    String createdAt,
    Optional<String> finishedAt,
    long rows,
    Optional<Integer> epochs,
    Optional<Integer> batchSize,
    Optional<Double> learningRateMultiplier,
    Optional<Long> seed) {
  /** The artifact's file. */
  public static final String FILE = "job.json";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** Writes it. */
  public void write(Path file) throws IOException {
    Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
  }

  /** Reads it. */
  public static JobFile read(Artifact artifact) throws IOException {
    return JSON.readValue(Files.readAllBytes(artifact.file(FILE)), JobFile.class);
  }
}
