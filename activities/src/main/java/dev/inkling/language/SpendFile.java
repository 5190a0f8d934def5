package dev.inkling.language;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.inkling.artifact.Artifact;
import dev.inkling.plan.Spend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What an artifact has cost to make; beside its bytes, which cost nothing again. */
public final class SpendFile {
  /** The artifact's file. */
  public static final String FILE = "spend.json";

  private static final ObjectMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();

  private SpendFile() {}

  /** Writes it. */
  public static void write(Path file, Spend spend) throws IOException {
    Files.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(spend));
  }

  /** Reads it; empty for an artifact for which nobody was asked. */
  public static Optional<Spend> read(Artifact artifact) throws IOException {
    return artifact.manifest().files().containsKey(FILE)
        ? Optional.of(JSON.readValue(Files.readAllBytes(artifact.file(FILE)), Spend.class))
        : Optional.empty();
  }
}
