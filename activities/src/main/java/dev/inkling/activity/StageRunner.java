package dev.inkling.activity;

import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import dev.inkling.artifact.StoreException;
import dev.inkling.evaluate.AskQuestions;
import dev.inkling.evaluate.CollectAnswers;
import dev.inkling.evaluate.Evaluate;
import dev.inkling.evaluate.ScoreAnswers;
import dev.inkling.filter.FilterDataset;
import dev.inkling.filter.FilterRows;
import dev.inkling.finetune.Finetune;
import dev.inkling.finetune.hosted.FinetuneHosted;
import dev.inkling.finetune.weights.FinetuneWeights;
import dev.inkling.generate.GenerateDataset;
import dev.inkling.generate.SampleRows;
import dev.inkling.language.LanguageModels;
import dev.inkling.language.Questioning;
import dev.inkling.language.SpendFile;
import dev.inkling.model.ModelException;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.stage.Caller;
import dev.inkling.stage.LaterException;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.StageContext;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.stage.Waiting;
import dev.inkling.workflow.StageResult;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes a stage's artifact, or finds that it is there. The effect on the world is one rename at the
 * end: a crash before it leaves a work directory from which the next attempt goes on, a crash after
 * it leaves a finished artifact.
 */
public final class StageRunner {
  private final Store store;
  private final Duration checkpointEvery;
  private final StageMeters meters;
  private final LanguageModels models;

  /**
   * A stage that computes uses every core, so a process does one at a time; one that asks language
   * models waits for answers beside it.
   */
  private final Semaphore cores = new Semaphore(1, true);

  private final AtomicInteger underWay = new AtomicInteger();

  /** When the last stage ended here, or this began; {@link System#nanoTime}. */
  private volatile long idleSince = System.nanoTime();

  private volatile boolean stopping;

  /** A runner that nobody measures. */
  public StageRunner(Store store, Duration checkpointEvery, LanguageModels models) {
    this(store, checkpointEvery, models, new StageMeters(new SimpleMeterRegistry()));
  }

  public StageRunner(
      Store store, Duration checkpointEvery, LanguageModels models, StageMeters meters) {
    this.store = store;
    this.checkpointEvery = checkpointEvery;
    this.models = models;
    this.meters = meters;
  }

  /**
   * Running stages write their checkpoint at the next step and end; the process is about to.
   *
   * @return whether there are any
   */
  public boolean stop() {
    stopping = true;
    return underWay.get() > 0;
  }

  /** How long no stage has been under way; zero while one is, also while it waits for its turn. */
  public Duration idle() {
    return underWay.get() > 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - idleSince);
  }

  /**
   * Makes the artifact of a stage.
   *
   * @param caller for whom it is made
   * @throws LaterException if a provider is at work on it and it is time to look again later
   * @throws MissingInputException if an input artifact is not in the store
   * @throws ModelException if a language model has no answer
   */
  public StageResult perform(Stage stage, Caller caller, Monitor listener)
      throws IOException, InterruptedException, ModelException {
    Monitor monitor = new StoppableMonitor(listener, () -> stopping);
    Store told = told(monitor);
    underWay.incrementAndGet();
    StageMeters.Run run = meters.begin(stage.task().activity());
    StageMeters.End end = StageMeters.End.FAILED;
    try {
      Optional<StageResult> there = existing(told, stage);
      StageResult result =
          there.isPresent() ? there.get() : performHere(told, stage, caller, monitor, run);
      end = result.reused() ? StageMeters.End.REUSED : StageMeters.End.DONE;
      return result;
    } catch (StopRequestedException | Store.SupersededException e) {
      end = StageMeters.End.STOPPED;
      throw e;
    } catch (LaterException e) {
      end = StageMeters.End.WAITING;
      throw e;
    } finally {
      run.ended(end);
      idleSince = System.nanoTime();
      underWay.decrementAndGet();
    }
  }

  /**
   * Ends what a stage has under way at a provider: its experiment was cancelled. Does nothing if
   * the stage is done, or if others want it too.
   */
  public void withdraw(Stage stage, Caller caller, Monitor monitor)
      throws IOException, InterruptedException, ModelException {
    Store told = told(monitor);
    if (existing(told, stage).isPresent()) {
      return;
    }
    Optional<Store.Work> free = told.claim(stage.key(), caller.owner());
    if (free.isEmpty()) {
      // Another experiment is at work on it, so it wants what is under way.
      return;
    }
    try (Store.Work claimed = free.get()) {
      StageContext context =
          new StageContext(stage, inputs(told, stage), claimed, monitor, checkpointEvery, caller);
      switch (stage.task()) {
        case Task.FinetuneHosted _ -> FinetuneHosted.withdraw(context, models);
        case Task.OfLanguage _ -> Questioning.withdraw(context, models);
        case Task.Generate _, Task.Filter _, Task.Finetune _, Task.Evaluate _, Task.Score _ -> {
          // Nothing of them is under way anywhere else.
        }
      }
    }
  }

  /** The store, with a heartbeat while many bytes are read or on their way. */
  private Store told(Monitor monitor) {
    return store.telling(() -> monitor.progress(0, 0, "", Optional.empty()));
  }

  private StageResult performHere(
      Store told, Stage stage, Caller caller, Monitor monitor, StageMeters.Run run)
      throws IOException, InterruptedException, ModelException {
    if (!stage.computes()) {
      return claimAndMake(told, stage, caller, monitor, run);
    }
    long asked = System.nanoTime();
    Waiting.until(
        monitor,
        "waits for a free slot on this worker",
        () ->
            cores.tryAcquire(Waiting.POLL_MILLIS, TimeUnit.MILLISECONDS)
                ? Optional.of(cores)
                : Optional.empty());
    run.waited(StageMeters.Wait.SLOT, System.nanoTime() - asked);
    try {
      return claimAndMake(told, stage, caller, monitor, run);
    } finally {
      cores.release();
    }
  }

  private StageResult claimAndMake(
      Store told, Stage stage, Caller caller, Monitor monitor, StageMeters.Run run)
      throws IOException, InterruptedException, ModelException {
    long asked = System.nanoTime();
    try (Store.Work claimed = Waiting.claim(told, stage.key(), caller.owner(), monitor)) {
      run.waited(StageMeters.Wait.CLAIM, System.nanoTime() - asked);
      Optional<StageResult> there = existing(told, stage);
      if (there.isPresent()) {
        return there.get();
      }
      // One look after the other at a job is no retry.
      boolean again = claimed.attempt() > 1 && !stage.goesOnElsewhere();
      run.works(again, claimed.lost());
      Monitor renewing = new RenewingMonitor(monitor, claimed);
      StageContext context =
          new StageContext(
              stage,
              // They may be many gigabytes that come from far away.
              inputs(told(renewing), stage),
              claimed,
              run.counting(renewing),
              checkpointEvery,
              caller);
      Outcome outcome = work(context, claimed);
      run.made(outcome.unit(), outcome.amount());
      if (outcome.spend().isPresent()) {
        SpendFile.write(context.output(SpendFile.FILE), outcome.spend().get());
      }
      claimed.publish(
          Keys.tree(stage.identity()), stage.name(), outcome.summary(), outcome.seconds());
      return new StageResult(stage.key(), false, outcome.summary(), outcome.spend());
    }
  }

  private Outcome work(StageContext context, Store.Work claimed)
      throws IOException, InterruptedException, ModelException {
    try {
      return work(context);
    } catch (IOException | StoreException e) {
      // An attempt that was replaced finds its directory gone, which is no fault of the store.
      claimed.renew();
      throw e;
    }
  }

  private Outcome work(StageContext context)
      throws IOException, InterruptedException, ModelException {
    return switch (context.stage().task()) {
      case Task.Generate task -> GenerateDataset.perform(context, task);
      case Task.Filter task -> FilterDataset.perform(context, task);
      case Task.Finetune task -> Finetune.perform(context, task);
      case Task.Evaluate task -> Evaluate.perform(context, task);
      case Task.Sample task -> SampleRows.perform(context, task, models);
      case Task.FilterRows task -> FilterRows.perform(context, task, models);
      case Task.FinetuneHosted task -> FinetuneHosted.perform(context, task, models);
      case Task.FinetuneWeights task -> FinetuneWeights.perform(context, task, models);
      case Task.Ask task -> AskQuestions.perform(context, task, models);
      case Task.Answers task -> CollectAnswers.perform(context, task, models);
      case Task.Score task -> ScoreAnswers.perform(context, task);
    };
  }

  /** The artifact that is there already, if it is the one that the stage describes. */
  private Optional<StageResult> existing(Store told, Stage stage) {
    Optional<Manifest> manifest = told.published(stage.key());
    if (manifest.isEmpty()) {
      return Optional.empty();
    }
    String stored = Keys.canonical(manifest.get().identity());
    String asked = Keys.canonical(stage.identity());
    if (!stored.equals(asked)) {
      throw new ArtifactMismatchException(
          "Artifact "
              + stage.shortKey()
              + " was made by another stage than the one asked for.\n  stored: "
              + stored
              + "\n  asked:  "
              + asked
              + "\nMove artifacts/"
              + stage.key()
              + " away from "
              + told.place()
              + " and run the same command again.");
    }
    return Optional.of(
        new StageResult(stage.key(), true, manifest.get().summary(), Optional.empty()));
  }

  private Map<String, Artifact> inputs(Store told, Stage stage) {
    Map<String, Artifact> inputs = new HashMap<>();
    stage
        .inputs()
        .forEach(
            (role, key) ->
                inputs.put(
                    role,
                    told.find(key)
                        .orElseThrow(
                            () ->
                                new MissingInputException(
                                    "The "
                                        + role
                                        + " of "
                                        + stage.summary()
                                        + ", artifact "
                                        + key
                                        + ", is not in the store any more. Run the same command again: it is made anew."))));
    return inputs;
  }

  /** An input artifact is gone or damaged. */
  public static final class MissingInputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    MissingInputException(String message) {
      super(message);
    }
  }

  /** What lies under a key is not what the key stands for. */
  public static final class ArtifactMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ArtifactMismatchException(String message) {
      super(message);
    }
  }
}
