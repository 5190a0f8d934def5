package dev.inkling.language;

import dev.inkling.artifact.Artifact;
import dev.inkling.ask.AskSettings;
import dev.inkling.ask.Quota;
import dev.inkling.ask.SharedBucket;
import dev.inkling.model.LanguageModel;
import dev.inkling.model.ModelException;
import dev.inkling.model.hosted.Batches;
import dev.inkling.model.hosted.Credentials;
import dev.inkling.model.hosted.FineTuning;
import dev.inkling.model.hosted.Preflight;
import dev.inkling.model.hosted.Prices;
import dev.inkling.model.hosted.Providers;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.spec.BaseModel;
import dev.inkling.spec.HostedModel;
import dev.inkling.spec.OpenModel;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The language models that this process can reach: keys, addresses, prices and shared quotas. */
public final class LanguageModels implements AutoCloseable {
  private final Path home;
  private final Map<String, String> environment;
  private final Clock clock;
  private final BatchLimits batchLimits;
  private final Providers providers = new Providers();
  private final OpenModels openModels;

  /**
   * The models that the environment and the files in a home directory lead to; both are read when a
   * model is asked for.
   *
   * @param home INKLING_HOME: keys in {@code .env}, prices in {@code prices.yaml}
   */
  public LanguageModels(Path home, Map<String, String> environment, Clock clock) {
    this(home, environment, clock, BatchLimits.DEFAULT);
  }

  /** The same, with batches of another size. */
  public LanguageModels(
      Path home, Map<String, String> environment, Clock clock, BatchLimits batchLimits) {
    this.home = home;
    this.environment = Map.copyOf(environment);
    this.clock = clock;
    this.batchLimits = batchLimits;
    this.openModels = new OpenModels(home, environment);
  }

  /** The keys and addresses, as the environment and the file say now. */
  private Credentials credentials() throws IOException {
    return Credentials.of(environment, home.resolve(Credentials.FILE));
  }

  /** What models cost. */
  public Prices prices() throws IOException {
    return Prices.bundled().with(home.resolve(Prices.FILE));
  }

  /**
   * The model that a stage asks in a role: the one that the role's artifact tells of, if it was
   * fine-tuned.
   */
  public static BaseModel asked(StageContext context, String role) throws IOException {
    BaseModel model = context.stage().models().get(role);
    if (model == null) {
      throw new IllegalStateException(context.stage().name() + " asks no " + role);
    }
    Optional<Artifact> job = context.find(role);
    return model instanceof HostedModel hosted && job.isPresent()
        ? hosted.named(JobFile.read(job.get()).model())
        : model;
  }

  /** The same where it is a hosted model, as all are that a provider works for. */
  public static HostedModel hosted(StageContext context, String role) throws IOException {
    if (asked(context, role) instanceof HostedModel hosted) {
      return hosted;
    }
    throw new IllegalStateException("the " + role + " of " + context.stage().name() + " is ours");
  }

  /** What time it is. */
  public Clock clock() {
    return clock;
  }

  /**
   * The fine-tuning of the server that has a model.
   *
   * @throws ModelException if it has none, or if there is no key for it
   */
  public FineTuning fineTuning(HostedModel model) throws ModelException, IOException {
    return providers.fineTuning(model, credentials());
  }

  /**
   * The model that a stage asks in a role.
   *
   * @throws ModelException if there is no key for it, or if its files are not what they should be
   */
  LanguageModel open(StageContext context, String role)
      throws ModelException, IOException, InterruptedException {
    return switch (asked(context, role)) {
      case HostedModel hosted -> providers.open(hosted, credentials());
      case OpenModel open -> openModels.writer(context, role, open);
    };
  }

  /** The models whose weights this worker holds or fetches. */
  public OpenModels openModels() {
    return openModels;
  }

  /**
   * A model's batches.
   *
   * @throws ModelException if there is no key for it
   */
  Batches batches(HostedModel model) throws ModelException, IOException {
    return providers.batches(model, credentials());
  }

  BatchLimits batchLimits() {
    return batchLimits;
  }

  /** How a model is asked: as many at once as its spec allows. */
  AskSettings settings(BaseModel model) {
    AskSettings usual = AskSettings.DEFAULT;
    return switch (model) {
      case HostedModel hosted -> {
        int most = hosted.maxInFlight().orElse(usual.maxInFlight());
        yield new AskSettings(
            Math.min(usual.startInFlight(), most), most, usual.patience(), usual.drain());
      }
      // Nobody refuses; what waits beside those being written costs nothing.
      case OpenModel _ ->
          new AskSettings(
              usual.maxInFlight(), usual.maxInFlight(), usual.patience(), usual.drain());
    };
  }

  /** The quota that all workers with this home share; empty if the spec sets none. */
  Optional<SharedBucket> quota(HostedModel model) throws IOException {
    if (model.requestsPerMinute().isEmpty() && model.tokensPerMinute().isEmpty()) {
      return Optional.empty();
    }
    String name = Keys.sha256((model.server() + " " + model.id()).getBytes(StandardCharsets.UTF_8));
    return Optional.of(
        new SharedBucket(
            home.resolve("quotas").resolve(name.substring(0, 16) + ".json"),
            new Quota(optional(model.requestsPerMinute()), optional(model.tokensPerMinute())),
            clock));
  }

  private static OptionalLong optional(Optional<Integer> number) {
    return number.map(OptionalLong::of).orElse(OptionalLong.empty());
  }

  /**
   * Asks each provider whether a plan's models exist and may be asked; nothing is paid.
   *
   * @return what people should know all the same
   * @throws ModelException for the first model that cannot be asked
   */
  public List<String> preflight(Plan plan)
      throws ModelException, IOException, InterruptedException {
    Credentials credentials = credentials();
    Preflight preflight = new Preflight(providers, clock);
    Prices prices = prices();
    List<String> warnings = new ArrayList<>();
    boolean budgeted = plan.spec().budget().flatMap(b -> b.usd()).isPresent();
    for (HostedModel model : hosted(plan)) {
      warnings.addAll(preflight.check(model, credentials).warnings());
      if (budgeted) {
        priced(model.id(), model, prices.of(model).isPresent());
      }
    }
    for (HostedModel base : fineTuned(plan)) {
      mayBeFineTuned(base, preflight, credentials);
    }
    if (budgeted) {
      for (Stage stage : plan.stages()) {
        priced(stage, prices);
      }
    }
    for (HostedModel model : batched(plan)) {
      batches(model).check();
    }
    return warnings;
  }

  /** The distinct models from which others are to be fine-tuned. */
  private static Set<HostedModel> fineTuned(Plan plan) {
    return plan.stages().stream()
        .filter(stage -> stage.task() instanceof Task.FinetuneHosted)
        .flatMap(LanguageModels::hosted)
        .map(HostedModel::identity)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static void mayBeFineTuned(HostedModel base, Preflight preflight, Credentials credentials)
      throws ModelException, InterruptedException {
    if (preflight.fineTuning(base, credentials) instanceof Preflight.FineTuning.Closed closed) {
      throw new ModelException(
          ModelException.Reason.REFUSED,
          "'" + base.id() + "' cannot be fine-tuned with this key: " + closed.words());
    }
  }

  /** Whether one knows what fine-tuning costs, and what its models cost. */
  private void priced(Stage stage, Prices prices) throws ModelException {
    for (Map.Entry<String, BaseModel> asked : stage.models().entrySet()) {
      if (!(asked.getValue() instanceof HostedModel model)) {
        continue;
      }
      if (stage.task() instanceof Task.FinetuneHosted) {
        priced(model.id() + ": training", model, prices.training(model, 1).isPresent());
      } else if (stage.inputs().containsKey(asked.getKey())) {
        priced("ft:" + model.id(), model, prices.finetuned(model).isPresent());
      }
    }
  }

  private void priced(String name, HostedModel model, boolean known) throws ModelException {
    if (!known) {
      throw new ModelException(
          ModelException.Reason.REFUSED,
          "The budget is in dollars, but the price of '"
              + name
              + "' at "
              + model.server()
              + " is not known. Write it into "
              + home.resolve(Prices.FILE)
              + ", or give budget.tokens instead.");
    }
  }

  /** The models that are asked in batches, one for each server and id. */
  private static Set<HostedModel> batched(Plan plan) {
    Set<HostedModel> batched = new LinkedHashSet<>();
    plan.stages().stream()
        .flatMap(LanguageModels::hosted)
        .filter(HostedModel::batch)
        .forEach(model -> batched.add(model.identity()));
    return batched;
  }

  /**
   * Whether every model of a plan has a key and an address; nobody is asked.
   *
   * @throws ModelException for the first that lacks one, with what to set
   */
  public void requireCredentials(Plan plan) throws ModelException, IOException {
    for (HostedModel model : hosted(plan)) {
      providers.open(model, credentials()).close();
    }
  }

  /** The distinct hosted models that a plan asks, without their pace. */
  public static Set<HostedModel> hosted(Plan plan) {
    return plan.stages().stream()
        .flatMap(LanguageModels::hosted)
        .map(HostedModel::identity)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static Stream<HostedModel> hosted(Stage stage) {
    return stage.models().values().stream()
        .filter(HostedModel.class::isInstance)
        .map(HostedModel.class::cast);
  }

  @Override
  public void close() {
    providers.close();
  }
}
