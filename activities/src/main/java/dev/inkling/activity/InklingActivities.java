package dev.inkling.activity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.artifact.Store;
import dev.inkling.artifact.StoreException;
import dev.inkling.crash.CrashPoint;
import dev.inkling.language.BudgetExceededException;
import dev.inkling.language.EmptyDatasetException;
import dev.inkling.language.LanguageModels;
import dev.inkling.model.ModelException;
import dev.inkling.plan.Plan;
import dev.inkling.preset.Resolver;
import dev.inkling.preset.SweepResolver;
import dev.inkling.report.Report;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.stage.Caller;
import dev.inkling.stage.JobFailedException;
import dev.inkling.stage.LaterException;
import dev.inkling.stage.SourceChangedException;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.stage.TrainingFailedException;
import dev.inkling.tracking.Chronicle;
import dev.inkling.workflow.Activities;
import dev.inkling.workflow.Failures;
import dev.inkling.workflow.MachineUse;
import dev.inkling.workflow.ReportResult;
import dev.inkling.workflow.StageBeat;
import dev.inkling.workflow.StageRequest;
import dev.inkling.workflow.StageResult;
import dev.inkling.workflow.SweepPlan;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.activity.ActivityInfo;
import io.temporal.client.ActivityCanceledException;
import io.temporal.client.ActivityCompletionException;
import io.temporal.failure.ApplicationFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The activities of an experiment: each calls a plain class and says in Temporal's words how that
 * ended.
 */
public final class InklingActivities implements Activities {
  private static final Logger log = LoggerFactory.getLogger(InklingActivities.class);

  /**
   * So many failures that nothing explains are enough: they would most likely repeat for ever. Not
   * the attempts are counted, since looking at a job takes many.
   */
  private static final int LAST_UNEXPECTED = 3;

  /** Half a minute apart at last: a store that was away for an hour needs a person. */
  private static final int LAST_UNAVAILABLE = 100;

  private final StageRunner runner;
  private final Report report;
  private final LanguageModels models;
  private final Chronicle chronicle;
  private final Path home;
  private final Map<String, Integer> unexpected = new ConcurrentHashMap<>();
  private final Map<String, Integer> unavailable = new ConcurrentHashMap<>();

  /**
   * The activities over a store.
   *
   * @param chronicle hears of experiments that were planned and reported
   * @param home where the store lies, named in messages
   */
  public InklingActivities(
      StageRunner runner, Report report, LanguageModels models, Chronicle chronicle, Path home) {
    this.runner = runner;
    this.report = report;
    this.models = models;
    this.chronicle = chronicle;
    this.home = home;
  }

  @Override
  public Plan plan(@Nullable JsonNode spec) {
    ActivityExecutionContext context = Activity.getExecutionContext();
    try {
      Plan plan = Resolver.plan(spec, new HeartbeatMonitor(context, "plan"));
      chronicle.planned(plan);
      return plan;
    } catch (InvalidSpecException e) {
      throw Failures.INVALID_SPEC.of(e.getMessage());
    } catch (StopRequestedException e) {
      throw stopped(e);
    } catch (StoreException e) {
      throw storeFailed(e);
    }
  }

  @Override
  public SweepPlan planSweep(@Nullable JsonNode sweep) {
    ActivityExecutionContext context = Activity.getExecutionContext();
    try {
      return SweepResolver.plan(sweep, new HeartbeatMonitor(context, "plan"));
    } catch (InvalidSpecException e) {
      throw Failures.INVALID_SPEC.of(e.getMessage());
    } catch (StopRequestedException e) {
      throw stopped(e);
    }
  }

  @Override
  public List<String> preflight(Plan plan) {
    return inTemporalsWords(
        plan.id(),
        () -> {
          List<String> warnings = models.preflight(plan);
          warnings.forEach(warning -> log.warn("{}", warning));
          return warnings;
        });
  }

  @Override
  public StageResult generateDataset(StageRequest request) {
    return perform(request);
  }

  @Override
  public StageResult filter(StageRequest request) {
    return perform(request);
  }

  @Override
  public StageResult finetune(StageRequest request) {
    return perform(request);
  }

  @Override
  public StageResult evaluate(StageRequest request) {
    return perform(request);
  }

  private StageResult perform(StageRequest request) {
    ActivityExecutionContext context = Activity.getExecutionContext();
    try (StageLog stageLog = StageLog.open(request, context.getInfo().getAttempt())) {
      StageResult result =
          inTemporalsWords(
              request.stage().key(),
              () ->
                  runner.perform(
                      request.stage(),
                      caller(context, request),
                      new HeartbeatMonitor(context, request.stage().key())));
      stageLog.made(result.reused(), result.summary());
      return result;
    }
  }

  @Override
  public void withdraw(StageRequest request) {
    ActivityExecutionContext context = Activity.getExecutionContext();
    inTemporalsWords(
        request.stage().key(),
        () -> {
          runner.withdraw(
              request.stage(),
              caller(context, request),
              new HeartbeatMonitor(context, request.stage().key()));
          return request.stage().key();
        });
  }

  private static Caller caller(ActivityExecutionContext context, StageRequest request) {
    return new Caller(
        context.getInfo().getWorkflowId(),
        context.getInfo().getWorkflowRunId(),
        request.allowance());
  }

  @Override
  public ReportResult report(Plan plan, @Nullable MachineUse machines) {
    ActivityExecutionContext context = Activity.getExecutionContext();
    String owner = context.getInfo().getWorkflowId();
    return inTemporalsWords(
        plan.reportKey(),
        () -> {
          HeartbeatMonitor monitor = new HeartbeatMonitor(context, plan.reportKey());
          ReportResult result =
              report.telling(Optional.ofNullable(machines)).make(plan, owner, monitor);
          chronicle.reported(
              plan.id(), () -> monitor.progress(0, 0, "experiments", Optional.empty()));
          return result;
        });
  }

  private <T> T inTemporalsWords(String key, StageCall<T> call) {
    try {
      CrashPoint.STAGE_STARTED.reached();
      T result = call.run();
      CrashPoint.STAGE_RETURNED.reached();
      return result;
    } catch (StopRequestedException e) {
      throw stopped(e);
    } catch (LaterException e) {
      String message = String.valueOf(e.getMessage());
      throw Failures.LATER.after(e.delay(), message, StageBeat.of(key, message));
    } catch (JobFailedException e) {
      throw Failures.JOB_FAILED.of(e.getMessage());
    } catch (TrainingFailedException e) {
      throw Failures.TRAINING_FAILED.of(e.getMessage());
    } catch (Store.SupersededException e) {
      log.info("{}", e.getMessage());
      throw Failures.WORKER_LOST.of(e.getMessage());
    } catch (StoreException e) {
      throw storeFailed(e);
    } catch (IOException e) {
      throw storeFailed(StoreException.of(home, e));
    } catch (UncheckedIOException e) {
      throw storeFailed(StoreException.of(home, e.getCause()));
    } catch (ModelException e) {
      throw noAnswer(e);
    } catch (BudgetExceededException e) {
      throw Failures.BUDGET_EXCEEDED.of(String.valueOf(e.getMessage()), e.spend());
    } catch (EmptyDatasetException e) {
      throw Failures.EMPTY_DATASET.of(e.getMessage());
    } catch (StageRunner.ArtifactMismatchException
        | StageRunner.MissingInputException
        | SourceChangedException e) {
      throw Failures.ARTIFACT_MISMATCH.of(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failures.WORKER_LOST.handedBack("The worker was told to stop.");
    } catch (RuntimeException e) {
      throw unexpected(e);
    } catch (OutOfMemoryError e) {
      // Temporal reports no Error: the stage would be tried again for ever.
      log.error("Java's heap is too small for this stage", e);
      throw Failures.UNEXPECTED.last(
          "Java's heap ("
              + Runtime.getRuntime().maxMemory() / (1 << 20)
              + " MiB) is too small for this stage. Everything done so far is kept. To go on, run"
              + " the same command again with INKLING_JAVA_OPTIONS=-Xmx2g in the environment.");
    } catch (LinkageError e) {
      throw unexpected(e);
    }
  }

  /**
   * What will not pass is told at once; a provider that is away was asked for ten minutes already,
   * so a person should look.
   */
  private static ApplicationFailure noAnswer(ModelException e) {
    String message = String.valueOf(e.getMessage());
    return switch (e.reason()) {
      case MISSING_CREDENTIAL -> Failures.MISSING_CREDENTIAL.of(message);
      case REFUSED -> Failures.REFUSED_BY_PROVIDER.of(message);
      case RATE_LIMITED, UNAVAILABLE -> Failures.PROVIDER_UNAVAILABLE.last(message);
    };
  }

  /** Logged too: on a full disk the embedded server may be unable to record the failure. */
  private ApplicationFailure storeFailed(StoreException e) {
    if (Thread.currentThread().isInterrupted()) {
      // The channel was closed under the writer's hands, however its exception is wrapped.
      return Failures.WORKER_LOST.handedBack(
          "The worker was told to stop while it wrote; what was published is whole.");
    }
    log.error("{}", e.getMessage());
    String message = String.valueOf(e.getMessage());
    if (!e.passing()) {
      return Failures.STORE_UNUSABLE.of(message);
    }
    return once(unavailable) >= LAST_UNAVAILABLE
        ? Failures.STORE_UNAVAILABLE.last(message)
        : Failures.STORE_UNAVAILABLE.of(message);
  }

  /**
   * Cancelled stays cancelled; everything else that ends a stage early hands it back for the next
   * attempt.
   */
  private static RuntimeException stopped(StopRequestedException e) {
    if (e.getCause() instanceof ActivityCanceledException cancelled) {
      return cancelled;
    }
    if (e.getCause() instanceof ActivityCompletionException other) {
      log.info("The stage stops at its checkpoint: {}", other.getClass().getSimpleName());
    }
    return Failures.WORKER_LOST.handedBack(
        "The worker was told to stop; the stage goes on from its checkpoint.");
  }

  private ApplicationFailure unexpected(Throwable e) {
    log.error("A stage failed in a way that has no name yet", e);
    String message =
        "Unexpected: "
            + e
            + ". Everything done so far is kept; the worker's log has the details."
            + " Run the same command again to go on from there.";
    return once(unexpected) >= LAST_UNEXPECTED
        ? Failures.UNEXPECTED.last(message)
        : Failures.UNEXPECTED.of(message);
  }

  /** Counts a failure of this activity. */
  private static int once(Map<String, Integer> failures) {
    ActivityInfo info = Activity.getExecutionContext().getInfo();
    return failures.merge(info.getWorkflowId() + " " + info.getActivityId(), 1, Integer::sum);
  }

  private interface StageCall<T> {
    T run() throws IOException, InterruptedException, ModelException;
  }
}
