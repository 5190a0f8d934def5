package dev.inkling.starter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.Disk;
import dev.inkling.language.LanguageModels;
import dev.inkling.model.ModelException;
import dev.inkling.spec.OpenModel;
import dev.inkling.stage.Monitor;
import dev.inkling.worker.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inkling merge}: a base with its adapters added to the weights. */
@Command(
    name = "merge",
    description = "Add a fine-tuned student's adapters to its base, as a model directory.",
    mixinStandardHelpOptions = true)
final class MergeCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "KEY|DIR",
      description = "An artifact's key or its beginning, or a directory with an adapter.")
  private String adapter = "";

  @Parameters(index = "1", paramLabel = "OUT", description = "A directory that is made.")
  private Path out = Path.of("");

  @Option(
      names = "--base",
      paramLabel = "ID",
      description = "The base: hf:owner/name or a directory. Left out, what the adapter names.")
  private Optional<String> base = Optional.empty();

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    AdapterSource source = AdapterSource.of(home.store(), adapter);
    if (Files.exists(out) && !Disk.entries(out).isEmpty()) {
      throw new UserException(Main.BAD_INPUT, out + " is there and not empty. Name another.");
    }
    try (LanguageModels models = home.languageModels()) {
      models.openModels().merge(source.directory(), base(source), out, Monitor.silent());
    } catch (ModelException e) {
      throw new UserException(Main.FAILED, String.valueOf(e.getMessage()));
    }
    System.out.println("Merged into " + out.toAbsolutePath());
    return 0;
  }

  private String base(AdapterSource source) throws IOException, UserException {
    if (base.isPresent()) {
      return base.get();
    }
    if (source.artifact().isPresent()) {
      JsonNode model = source.artifact().get().manifest().identity().at("/task/base");
      String id = model.path("id").asText();
      if (OpenModel.onHub(id)) {
        return id + "@" + model.at("/weights/version").asText();
      }
    } else {
      JsonNode config =
          new ObjectMapper().readTree(source.directory().resolve(AdapterSource.CONFIG).toFile());
      String name = config.path("base_model_name_or_path").asText();
      if (name.matches("[\\w.-]+/[\\w.-]+")) {
        return "hf:" + name;
      }
    }
    throw new UserException(
        Main.BAD_INPUT,
        "The adapter's base lay in a directory; say where it is with --base DIRECTORY.");
  }
}
