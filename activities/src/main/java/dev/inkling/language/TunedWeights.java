package dev.inkling.language;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.Artifact;
import dev.inkling.model.weights.InvalidModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a fine-tuning by a worker has left in its artifact: a whole model, or adapters that are
 * added to the base one after the other, the new one last and at the top, as Hugging Face PEFT
 * finds it.
 *
 * @param model whether the artifact is a model directory of its own
 * @param adapters the adapters' directories in the artifact
 */
public record TunedWeights(boolean model, List<String> adapters) {
  private static final String FILE = "weights.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  public TunedWeights {
    adapters = List.copyOf(adapters);
  }

  /** Reads what an artifact has. */
  static TunedWeights read(Artifact artifact) throws IOException {
    return JSON.readValue(Files.readAllBytes(artifact.file(FILE)), TunedWeights.class);
  }

  /**
   * The adapters in an artifact's directory, or the one in another directory.
   *
   * @throws InvalidModelException if the directory says of itself what Inkling never writes
   */
  public static List<Path> adapters(Path directory) throws IOException, InvalidModelException {
    Path file = directory.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return List.of(directory);
    }
    try {
      List<Path> adapters =
          JSON.readValue(Files.readAllBytes(file), TunedWeights.class).in(directory);
      Path within = directory.toAbsolutePath().normalize();
      if (!adapters.isEmpty()
          && adapters.stream().allMatch(a -> a.toAbsolutePath().startsWith(within))) {
        return adapters;
      }
      throw new InvalidModelException(
          file
              + " does not name adapters beside it, as Inkling's own does. Remove it if the directory"
              + " holds one adapter only.");
    } catch (JacksonException e) {
      throw new InvalidModelException(
          file
              + " is none of Inkling's: "
              + e.getOriginalMessage()
              + ". Remove it if the directory holds one adapter only.",
          e);
    }
  }

  /** Where the adapters lie in the artifact's directory. */
  List<Path> in(Path directory) {
    return adapters.stream().map(name -> directory.resolve(name).normalize()).toList();
  }

  /**
   * Says that there is a new adapter in a directory, and copies those before it, so that the
   * artifact stands by itself.
   */
  public static void ofAdapter(Path output, List<Path> before) throws IOException {
    List<String> names = new ArrayList<>();
    for (Path adapter : before) {
      String name = "before/" + names.size();
      copy(adapter, Files.createDirectories(output.resolve(name)));
      names.add(name);
    }
    names.add(".");
    write(output, new TunedWeights(false, names));
  }

  /** Says that a directory is a model of its own. */
  public static void ofModel(Path output) throws IOException {
    write(output, new TunedWeights(true, List.of()));
  }

  private static void write(Path output, TunedWeights weights) throws IOException {
    Files.write(output.resolve(FILE), JSON.writeValueAsBytes(weights));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      files
          .filter(file -> file.getFileName().toString().startsWith("adapter_"))
          .forEach(
              file -> {
                try {
                  Files.copy(file, to.resolve(file.getFileName()));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
