package dev.inkling.language;

import dev.inkling.artifact.Artifact;
import dev.inkling.model.LanguageModel;
import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import dev.inkling.model.hosted.Credentials;
import dev.inkling.model.hub.Hub;
import dev.inkling.model.hub.HubException;
import dev.inkling.model.hub.HubSettings;
import dev.inkling.model.hub.ModelId;
import dev.inkling.model.open.OpenWeights;
import dev.inkling.model.open.Settings;
import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.plan.ModelReference;
import dev.inkling.plan.Planner;
import dev.inkling.spec.OpenModel;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StageContext;
import dev.inkling.tensor.Torch;
import dev.inkling.tensor.transformer.LoraAdapter;
import dev.inkling.tensor.transformer.OutOfMemoryException;
import dev.inkling.tensor.transformer.Transformer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The models whose weights this worker has on its disk, or fetches from the Hub. */
public final class OpenModels {
  private final Path home;
  private final Map<String, String> environment;

  /**
   * As the environment says where the Hub and its cache are.
   *
   * @param home INKLING_HOME, whose {@code .env} may hold HF_TOKEN
   */
  public OpenModels(Path home, Map<String, String> environment) {
    this.home = home;
    this.environment = Map.copyOf(environment);
  }

  /**
   * A model's files, open until closed.
   *
   * @param adapters what is added to the weights, one after the other
   * @param name what a PEFT adapter's file calls the base
   */
  public record Opened(ModelDirectory directory, List<Path> adapters, String name)
      implements AutoCloseable {
    public Opened {
      adapters = List.copyOf(adapters);
    }

    @Override
    public void close() {
      directory.close();
    }
  }

  /**
   * Which weights a model has. Every byte of a directory is read for that, which may take minutes.
   *
   * @param monitor hears meanwhile that this is alive, also while a disk gives nothing
   * @throws ModelException if they cannot be found
   */
  public Planner.Sources.Held held(OpenModel model, Monitor monitor)
      throws ModelException, IOException, InterruptedException {
    String version = Attended.call(monitor, () -> version(model.id()));
    Optional<String> adapter = Optional.empty();
    if (model.adapter().isPresent()) {
      adapter = Optional.of(Attended.call(monitor, () -> version(model.adapter().get())));
    }
    OpenModel pinned =
        model.at(
            pinned(model.id(), version),
            adapter.map(a -> pinned(model.adapter().orElseThrow(), a)));
    return new Planner.Sources.Held(version, adapter, pinned);
  }

  private String version(String id) throws ModelException, IOException, InterruptedException {
    try {
      return switch (ModelId.parse(id)) {
        case ModelId.OnHub hub -> {
          try (Hub open = hub()) {
            yield open.commit(hub, Monitor.silent());
          }
        }
        case ModelId.Directory directory -> ModelDirectory.fingerprint(directory.path());
      };
    } catch (HubException | InvalidModelException e) {
      throw said(e);
    }
  }

  /** The commit that is asked for, or the one that a branch is at the moment. */
  private static String pinned(ModelId.OnHub id, Hub hub, Monitor monitor)
      throws HubException, InterruptedException {
    return id.pinned() ? id.revision() : hub.commit(id, monitor);
  }

  private static String pinned(String id, String version) {
    return ModelId.parse(id) instanceof ModelId.OnHub hub ? hub.at(version).toString() : id;
  }

  private Hub hub() throws IOException {
    Credentials credentials = Credentials.of(environment, home.resolve(Credentials.FILE));
    return new Hub(HubSettings.of(credentials::get));
  }

  /** Where the files of an id lie, fetched if they must be. */
  private Path directory(String id, Monitor monitor)
      throws HubException, IOException, InterruptedException {
    return switch (ModelId.parse(id)) {
      case ModelId.OnHub hub -> {
        try (Hub open = hub()) {
          yield open.snapshot(hub, pinned(hub, open, monitor), monitor);
        }
      }
      case ModelId.Directory directory -> directory.path();
    };
  }

  /**
   * The files of the model that a stage asks in a role: of the base, or what a stage before has
   * made of it.
   *
   * @throws ModelException if they cannot be had or are not what they should be
   */
  public Opened files(StageContext context, String role)
      throws ModelException, IOException, InterruptedException {
    OpenModel model = (OpenModel) LanguageModels.asked(context, role);
    try {
      Path base = directory(model.id(), context.monitor());
      List<Path> adapters = new ArrayList<>();
      if (model.adapter().isPresent()) {
        adapters.add(directory(model.adapter().get(), context.monitor()));
      }
      Optional<Artifact> tuned = context.find(role);
      if (tuned.isPresent()) {
        TunedWeights made = TunedWeights.read(tuned.get());
        base = made.model() ? tuned.get().directory() : base;
        adapters = made.in(tuned.get().directory());
      }
      return new Opened(ModelDirectory.open(base), adapters, name(model));
    } catch (HubException | InvalidModelException e) {
      throw said(e);
    }
  }

  /** After how many steps training saves its work, if the spec says so. */
  public static Optional<Integer> checkpointSteps(StageContext context, String role)
      throws IOException {
    return LanguageModels.asked(context, role) instanceof OpenModel open
        ? open.checkpointSteps()
        : Optional.empty();
  }

  /** Where a directory lies is nobody else's business, so only its own name is told. */
  static String name(OpenModel model) {
    return switch (ModelId.parse(model.id())) {
      case ModelId.OnHub hub -> hub.repository();
      case ModelId.Directory directory ->
          Optional.ofNullable(directory.path().toAbsolutePath().normalize().getFileName())
              .map(Path::toString)
              .orElse("model");
    };
  }

  /**
   * A model's network on the worker's device, its adapters added.
   *
   * @throws ModelException if an adapter does not fit, or the device cannot hold the network
   */
  public Transformer load(StageContext context, String role, Opened files)
      throws ModelException, IOException, InterruptedException {
    return Attended.call(context.monitor(), () -> load(files, reference(context, role)));
  }

  private Transformer load(Opened files, ModelReference.Weights weights)
      throws ModelException, IOException {
    try {
      return Transformer.load(
          files.directory().config(),
          files.directory().weights(),
          adapters(files),
          Torch.device(),
          weights.precision());
    } catch (InvalidModelException | OutOfMemoryException e) {
      throw said(e);
    }
  }

  private static List<LoraAdapter> adapters(Opened files)
      throws InvalidModelException, IOException {
    List<LoraAdapter> adapters = new ArrayList<>();
    for (Path directory : files.adapters()) {
      adapters.add(LoraAdapter.read(directory, files.directory().config()));
    }
    return adapters;
  }

  /** A model that writes answers and measures them. */
  LanguageModel writer(StageContext context, String role, OpenModel model)
      throws ModelException, IOException, InterruptedException {
    Opened files = files(context, role);
    try {
      return new Owner(
          Attended.call(
              context.monitor(), () -> written(files, context, reference(context, role), model)),
          files);
    } catch (ModelException | IOException | InterruptedException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  private static LanguageModel written(
      Opened files, StageContext context, ModelReference.Weights weights, OpenModel model)
      throws ModelException, IOException {
    try {
      Settings usual = Settings.on(Torch.device(), weights.precision());
      return OpenWeights.open(
          files.directory(),
          adapters(files),
          model.maxInFlight().map(usual::withSlots).orElse(usual),
          context.monitor()::note);
    } catch (InvalidModelException | OutOfMemoryException e) {
      throw said(e);
    }
  }

  /** A model whose files are closed with it. */
  private record Owner(LanguageModel model, Opened files) implements LanguageModel {
    @Override
    public Reply ask(Question question) throws ModelException, InterruptedException {
      return model.ask(question);
    }

    @Override
    public void close() {
      try (files) {
        model.close();
      }
    }
  }

  /**
   * Writes a base with adapters added to its weights, as a directory that transformers loads.
   *
   * @param adapter a directory with an adapter, or an artifact with several
   * @param base the model that they were made for, as specs name it
   * @param target a directory that is empty or not there
   * @throws ModelException if the base cannot be had, or an adapter does not fit it
   */
  public void merge(Path adapter, String base, Path target, Monitor monitor)
      throws ModelException, IOException, InterruptedException {
    try {
      MergedAdapters.write(directory(base, monitor), TunedWeights.adapters(adapter), target);
    } catch (HubException | InvalidModelException e) {
      throw said(e);
    }
  }

  private static ModelReference.Weights reference(StageContext context, String role) {
    return context
        .stage()
        .task()
        .asks(role)
        .flatMap(ModelReference::weights)
        .orElseThrow(() -> new IllegalStateException("the " + role + " has no weights of ours"));
  }

  private static ModelException said(Exception e) {
    Reason reason =
        e instanceof HubException hub
            ? switch (hub.reason()) {
              case NO_ACCESS -> Reason.MISSING_CREDENTIAL;
              case UNAVAILABLE -> Reason.UNAVAILABLE;
              case NOT_FOUND, REFUSED, OFFLINE, DAMAGED, DISK -> Reason.REFUSED;
            }
            : Reason.REFUSED;
    return new ModelException(reason, String.valueOf(e.getMessage()), Optional.empty(), e);
  }
}
