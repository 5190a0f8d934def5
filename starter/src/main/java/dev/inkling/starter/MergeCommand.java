package dev.inkling.starter;

import dev.inkling.artifact.Disk;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import dev.inkling.language.LanguageModels;
import dev.inkling.model.ModelException;
import dev.inkling.model.hub.ModelCard;
import dev.inkling.model.hub.ModelId;
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
    Store store = home.store();
    AdapterSource source = AdapterSource.of(store, adapter);
    if (Files.exists(out) && !Disk.entries(out).isEmpty()) {
      throw new UserException(Main.BAD_INPUT, out + " is there and not empty. Name another.");
    }
    try (LanguageModels models = home.languageModels()) {
      models.openModels().merge(source.directory(), base(source, store), out, Monitor.silent());
    } catch (ModelException e) {
      throw new UserException(Main.FAILED, String.valueOf(e.getMessage()));
    }
    System.out.println("Merged into " + out.toAbsolutePath());
    return 0;
  }

  private String base(AdapterSource source, Store store) throws IOException, UserException {
    if (base.isPresent()) {
      return base.get();
    }
    Optional<Manifest> trained = source.trained(store);
    if (trained.isPresent()) {
      return AdapterSource.artifact(store, trained.get().key())
          .directory()
          .toAbsolutePath()
          .toString();
    }
    ModelCard.Base onHub =
        source
            .onHub(store)
            .orElseThrow(
                () ->
                    new UserException(
                        Main.BAD_INPUT,
                        "The adapter's base lay in a directory; say where it is with --base"
                            + " DIRECTORY."));
    return new ModelId.OnHub(onHub.repository(), onHub.commit().orElse(ModelId.OnHub.MAIN))
        .toString();
  }
}
