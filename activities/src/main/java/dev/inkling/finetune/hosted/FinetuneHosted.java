package dev.inkling.finetune.hosted;

import dev.inkling.crash.CrashPoint;
import dev.inkling.language.LanguageModels;
import dev.inkling.language.Once;
import dev.inkling.model.ModelException;
import dev.inkling.model.hosted.FineTuning;
import dev.inkling.model.hosted.TuningEvent;
import dev.inkling.model.hosted.TuningEvent.Step;
import dev.inkling.model.hosted.TuningJob;
import dev.inkling.plan.Task;
import dev.inkling.spec.HostedModel;
import dev.inkling.stage.LaterException;
import dev.inkling.stage.NextLook;
import dev.inkling.stage.Note;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Has a hosted model fine-tuned by its provider. Each call is one look: the training file is
 * uploaded, the job is made, and until it has ended the stage comes back later. There is one job
 * for the stage, whatever dies when (docs/design/jobs.md).
 */
public final class FinetuneHosted {
  /** The passes over the rows that OpenAI usually chooses where it is left to it. */
  public static final int USUAL_EPOCHS = 3;

  /**
   * A job that has succeeded may say a little later what was billed. Servers that never say it are
   * not waited for longer.
   */
  private static final Duration WHOLE = Duration.ofMinutes(2);

  /** The longest time between two looks at a job: what people who watch take for lively. */
  static final Duration LONGEST_LOOK = Duration.ofMinutes(1);

  private FinetuneHosted() {}

  /**
   * Performs the stage.
   *
   * @throws LaterException while the job goes on
   * @throws dev.inkling.stage.JobFailedException if it came to nothing
   * @throws dev.inkling.language.BudgetExceededException if it would cost more than it may
   */
  public static Outcome perform(
      StageContext context, Task.FinetuneHosted task, LanguageModels models)
      throws IOException, InterruptedException, ModelException {
    context.monitor().progress(0, 0, "", Optional.empty());
    HostedModel base = LanguageModels.hosted(context, "base");
    TrainingFile training = TrainingFile.of(context, task);
    TuningJob job = new HostedJob(context, task, models, base, training).look();
    if (!whole(job, models.clock().instant())) {
      throw later(context, models, base, training, job);
    }
    context.monitor().progress(0, 0, "", Optional.empty());
    return new TuningResult(context, models, base, training).write(job);
  }

  private static boolean whole(TuningJob job, Instant now) {
    boolean told = job.trainedTokens().isPresent() && !job.results().isEmpty();
    Duration since = Duration.between(job.finished().orElse(job.created()), now);
    return job.status() == TuningJob.Status.SUCCEEDED
        && job.model().isPresent()
        && (told || since.compareTo(WHOLE) > 0);
  }

  private static LaterException later(
      StageContext context,
      LanguageModels models,
      HostedModel base,
      TrainingFile training,
      TuningJob job)
      throws IOException, InterruptedException, ModelException {
    Optional<Step> step = Optional.empty();
    if (job.status() == TuningJob.Status.RUNNING) {
      FineTuning provider = models.fineTuning(base);
      step =
          new Once(context, models.clock())
              .ask(() -> provider.latestEvents(job.id())).stream()
                  .flatMap((TuningEvent event) -> event.step().stream())
                  .findFirst();
    }
    Duration age = Duration.between(job.created(), models.clock().instant()).abs();
    String words =
        new JobWords(context.stage().name(), base.server(), training).underWay(job, step, age);
    context.monitor().note(words);
    context
        .monitor()
        .progress(
            step.map(Step::number).orElse(0L),
            step.flatMap(Step::total).orElse(0L),
            "steps",
            step.flatMap(Step::loss));
    return new LaterException(NextLook.after(age, LONGEST_LOOK), words);
  }

  /**
   * Ends the job, unless another experiment wants it too or it has ended. A job that was made and
   * never noted is looked up by its tag.
   *
   * @throws LaterException if the provider cannot be asked now, or it is not known yet whether
   *     there is a job
   */
  public static void withdraw(StageContext context, LanguageModels models)
      throws IOException, InterruptedException, ModelException {
    Note<JobNote> note = new Note<>(context.work(), JobNote.FILE, JobNote.class);
    Optional<JobNote> read = note.read();
    if (read.isEmpty()) {
      return;
    }
    JobNote known = read.get().unwantedBy(context.caller().owner());
    note.write(known);
    if (!known.owners().isEmpty()) {
      return;
    }
    FineTuning provider = models.fineTuning(LanguageModels.hosted(context, "base"));
    Once once = new Once(context, models.clock());
    Optional<TuningJob> job =
        known.job().isPresent()
            ? once.ask(() -> provider.job(known.job().get().id()))
            : once.made(HostedJob.call(known.tag()), () -> HostedJob.lookUp(provider, known));
    if (job.isPresent() && !job.get().status().ended()) {
      cancel(provider, once, job.get().id());
    }
  }

  private static void cancel(FineTuning provider, Once once, String id)
      throws IOException, InterruptedException, ModelException {
    try {
      once.ask(() -> provider.cancel(id));
      CrashPoint.CALL_WITHDRAWN.reached();
    } catch (ModelException e) {
      // It may have ended in the meantime.
      Optional<TuningJob> now = once.ask(() -> provider.job(id));
      if (now.isPresent() && !now.get().status().ended()) {
        throw e;
      }
    }
  }
}
