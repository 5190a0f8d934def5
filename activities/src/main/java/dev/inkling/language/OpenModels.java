package dev.inkling.language;

import dev.inkling.artifact.Artifact;
import dev.inkling.model.LanguageModel;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import dev.inkling.model.hub.ModelId;
import dev.inkling.model.open.OpenWeights;
import dev.inkling.model.open.Settings;
import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.plan.ModelReference;
import dev.inkling.plan.Planner;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.OpenModel;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.SourceChangedException;
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
  private static final String ADAPTERS_DO = "fine-tune it with type: lora";

  private final WeightFiles places;

  /**
   * As the environment says where the Hub and its cache are.
   *
   * @param home INKLING_HOME, whose {@code .env} may hold HF_TOKEN
   */
  public OpenModels(Path home, Map<String, String> environment) {
    places = new WeightFiles(home, environment);
  }

  /**
   * A model's files, open until closed.
   *
   * @param adapters what is added to the weights, one after the other
   * @param name what a PEFT adapter's file calls the base
   * @param revision its commit, if it is of the Hub
   */
  public record Opened(
      ModelDirectory directory, List<Path> adapters, String name, Optional<String> revision)
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
    String version = places.version(model.id(), WeightFiles.Kind.MODEL, monitor);
    Optional<String> adapter = Optional.empty();
    if (model.adapter().isPresent()) {
      adapter =
          Optional.of(places.version(model.adapter().get(), WeightFiles.Kind.ADAPTER, monitor));
    }
    OpenModel pinned =
        model.at(
            WeightFiles.pinned(model.id(), version),
            adapter.map(a -> WeightFiles.pinned(model.adapter().orElseThrow(), a)));
    return new Planner.Sources.Held(version, adapter, pinned);
  }

  /**
   * The files of the model that a stage asks in a role: of the one that the spec names, or of what
   * stages before have made of it.
   *
   * @throws ModelException if they cannot be had or are not what they should be
   * @throws SourceChangedException if a directory is not the one that was planned with
   */
  public Opened files(StageContext context, String role)
      throws ModelException, IOException, InterruptedException {
    OpenModel model = (OpenModel) LanguageModels.asked(context, role);
    ModelReference.Weights planned = reference(context, role);
    Optional<Artifact> tuned = context.find(role);
    Optional<Artifact> whole = context.find(Stage.baseOf(role));
    List<Path> adapters = new ArrayList<>();
    if (tuned.isPresent()) {
      TunedWeights made = TunedWeights.read(tuned.get());
      whole = made.model() ? tuned : whole;
      adapters.addAll(made.in(tuned.get().directory()));
    } else if (model.adapter().isPresent()) {
      adapters.add(
          places.planned(
              model.adapter().get(),
              WeightFiles.Kind.ADAPTER,
              planned.adapter().orElseThrow(),
              context.monitor()));
    }
    try {
      if (whole.isPresent()) {
        return new Opened(
            ModelDirectory.open(whole.get().directory()),
            adapters,
            // No model that PEFT could load by a name.
            "artifact " + whole.get().manifest().key(),
            Optional.empty());
      }
      Path base =
          places.planned(model.id(), WeightFiles.Kind.MODEL, planned.version(), context.monitor());
      if (trainsAll(context.stage())) {
        ModelDirectory.checkTextOnly(base, ADAPTERS_DO);
      }
      return new Opened(
          ModelDirectory.open(base),
          adapters,
          name(model),
          model.onHub() ? Optional.of(planned.version()) : Optional.empty());
    } catch (InvalidModelException e) {
      throw WeightFiles.said(e);
    }
  }

  private static boolean trainsAll(Stage stage) {
    return stage.task() instanceof Task.FinetuneWeights f
        && f.finetune() instanceof FinetuneSpec.Full;
  }

  /**
   * Refuses a stage that would train every weight of a model that cannot be written, as far as one
   * can know before it is fetched.
   */
  public static void checkWritable(Stage stage) throws InvalidModelException {
    if (trainsAll(stage)
        && stage.models().get("base") instanceof OpenModel model
        && ModelId.parse(model.id()) instanceof ModelId.Directory(Path path)) {
      ModelDirectory.checkTextOnly(path, ADAPTERS_DO);
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
      throw WeightFiles.said(e);
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
      throw WeightFiles.said(e);
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
    Path directory = places.directory(base, monitor);
    try {
      MergedAdapters.write(directory, TunedWeights.adapters(adapter), target);
    } catch (InvalidModelException e) {
      throw WeightFiles.said(e);
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
}
