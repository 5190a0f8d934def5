package dev.inkling.starter;

import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import dev.inkling.model.hub.ModelCard;
import dev.inkling.model.hub.Pushed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inkling push}: a student's adapter goes to the Hub, with a card that says all of it. */
@Command(
    name = "push",
    description = "Push a fine-tuned student's adapter to the Hugging Face Hub, privately.",
    mixinStandardHelpOptions = true)
final class PushCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "KEY|DIR",
      description = "An artifact's key or its beginning, or a directory with an adapter.")
  private String adapter = "";

  @Parameters(
      index = "1",
      paramLabel = "OWNER/NAME",
      description = "The repository; it is made if there is none.")
  private String repository = "";

  @Option(names = "--public", description = "Let the world see it.")
  private boolean open;

  @Override
  public Integer call() throws Exception {
    Store store = Main.home().store();
    AdapterSource source = AdapterSource.of(store, adapter);
    Path directory = source.directory();
    checkWhole(source, store);
    ModelCard card = card(store, source);
    String again = "./inkling push " + adapter + " " + repository + (open ? " --public" : "");
    try (HubSession session = new HubSession(Main.home(), again)) {
      Pushed pushed =
          session.deal((hub, view) -> hub.push(directory, card, repository, open, view));
      System.out.println(
          (pushed.made() ? "Pushed as one commit: " : "All of it was there already: ")
              + pushed.commit());
      System.out.println(
          (pushed.isPrivate() ? "Private: " : "Public: ")
              + pushed.page()
              + "\nTo use it: ./inkling download hf:"
              + repository
              + "@"
              + pushed.commit());
      return 0;
    }
  }

  /** Refuses an adapter that PEFT would put on another model than it was trained on. */
  private void checkWhole(AdapterSource source, Store store) throws IOException, UserException {
    int before = source.adapters().size() - 1;
    Optional<Manifest> trained = source.trained(store);
    if (before > 0 || trained.isPresent()) {
      throw new UserException(
          Main.BAD_INPUT,
          adapter
              + " was trained on top of "
              + trained
                  .map(base -> "the weights of the artifact " + base.key().substring(0, 12))
                  .orElse(before == 1 ? "another adapter" : before + " other adapters")
              + ", which PEFT would leave out: whoever loads it would get another model. Nothing was"
              + " pushed. To have all of it as one model directory: ./inkling merge "
              + adapter
              + " ./merged");
    }
  }

  private ModelCard card(Store store, AdapterSource source) throws IOException, UserException {
    Optional<ModelCard.Base> base = source.onHub(store);
    if (base.isEmpty()) {
      System.err.println(
          AdapterSource.CONFIG
              + " names no model of the Hub as its base, so the card names none, and others cannot"
              + " load it as it is: base_model_name_or_path is "
              + source.config().path("base_model_name_or_path"));
    }
    return source.artifact().isPresent()
        ? new AdapterCard(store, source.artifact().get()).with(base)
        : new ModelCard(repository, base, Optional.empty(), Optional.empty(), List.of(), List.of());
  }
}
