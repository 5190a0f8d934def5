package dev.inkling.finetune.hosted;

import dev.inkling.finetune.hosted.JobNote.Known;
import dev.inkling.language.LanguageModels;
import dev.inkling.language.Once;
import dev.inkling.model.ModelException;
import dev.inkling.model.hosted.FineTuning;
import dev.inkling.model.hosted.StoredFile;
import dev.inkling.model.hosted.TuningJob;
import dev.inkling.model.hosted.TuningOrder;
import dev.inkling.plan.Task;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.HostedModel;
import dev.inkling.stage.JobFailedException;
import dev.inkling.stage.LaterException;
import dev.inkling.stage.NextLook;
import dev.inkling.stage.Note;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One look at the stage's job: uploads the file and creates the job where they are not there yet,
 * adopts them where they are. Whatever an attempt finds out is noted before the next step, so that
 * a crash between two of them costs nothing.
 */
final class HostedJob {
  private final StageContext context;
  private final Task.FinetuneHosted task;
  private final LanguageModels models;
  private final HostedModel base;
  private final TrainingFile training;
  private final FineTuning provider;
  private final Once once;
  private final Note<JobNote> note;
  private final JobWords words;

  HostedJob(
      StageContext context,
      Task.FinetuneHosted task,
      LanguageModels models,
      HostedModel base,
      TrainingFile training)
      throws IOException, ModelException {
    this.context = context;
    this.task = task;
    this.models = models;
    this.base = base;
    this.training = training;
    this.provider = models.fineTuning(base);
    this.once = new Once(context, models.clock());
    this.note = new Note<>(context.work(), JobNote.FILE, JobNote.class);
    this.words = new JobWords(context.stage().name(), base.server(), training);
  }

  /**
   * The job, as it is now; it has not come to nothing.
   *
   * @throws LaterException if there is none yet, and it is not time for one
   * @throws JobFailedException if it has failed, was cancelled or is gone
   */
  TuningJob look() throws IOException, InterruptedException, ModelException {
    JobNote before = note.read().orElse(JobNote.of(training.tag()));
    JobNote known = before.wantedBy(context.caller().owner());
    keep(before, known);
    if (known.job().isEmpty()) {
      return begin(known);
    }
    Known noted = known.job().get();
    Optional<TuningJob> there = once.ask(() -> provider.job(noted.id()));
    if (there.isPresent() && !isFailure(there.get())) {
      keep(known, known.withJob(noted.seenBy(context.caller().run())));
      return there.get();
    }
    if (there.isEmpty()) {
      waitUntilItShows(noted);
      Optional<TuningJob> other = find(known.withoutJob());
      if (other.isPresent()) {
        return adopt(known.withoutJob(), other.get());
      }
    }
    if (noted.runs().contains(context.caller().run())) {
      throw there.map(words::failed).orElseGet(() -> words.gone(noted.id()));
    }
    // Who sees it ended for the first time has begun after its end: a person wants it anew.
    JobNote anew = known.withoutJob();
    note.write(anew);
    return begin(anew);
  }

  private void keep(JobNote before, JobNote after) throws IOException {
    if (!after.equals(before)) {
      note.write(after);
    }
  }

  private static boolean isFailure(TuningJob job) {
    return switch (job.status()) {
      case FAILED, CANCELLED -> true;
      case VALIDATING, QUEUED, RUNNING, SUCCEEDED, UNKNOWN -> false;
    };
  }

  private void waitUntilItShows(Known noted) {
    if (age(noted).compareTo(Once.SETTLES) < 0) {
      throw new LaterException(Once.SETTLES, words.notYetShown(noted.id()));
    }
  }

  private Duration age(Known known) {
    return Duration.between(Instant.parse(known.since()), models.clock().instant()).abs();
  }

  private TuningJob begin(JobNote before) throws IOException, InterruptedException, ModelException {
    JobNote known = withFile(before);
    String file = known.file().orElseThrow().id();
    step();
    // A job that is there already is paid for; without a budget nobody has to know beforehand.
    if (context.caller().allowance().isPresent() && find(known).isEmpty()) {
      TuningBudget.of(training, task, base, models.prices()).check(context.caller().allowance());
    }
    step();
    TuningJob job =
        once.perform(
            call(known.tag()), () -> lookUp(provider, known), () -> provider.create(order(file)));
    return adopt(known, job);
  }

  /** Ours from now on, whoever has made it; what has ended badly is told once. */
  private TuningJob adopt(JobNote known, TuningJob job) throws IOException {
    note.write(known.withJob(Known.of(job.id(), models.clock().instant(), context.caller().run())));
    if (isFailure(job)) {
      throw words.failed(job);
    }
    return job;
  }

  private Optional<TuningJob> find(JobNote known)
      throws IOException, InterruptedException, ModelException {
    return once.ask(() -> lookUp(provider, known));
  }

  /** The job with our tag that has not been told to have come to nothing. */
  static Optional<TuningJob> lookUp(FineTuning provider, JobNote known)
      throws ModelException, InterruptedException {
    return provider.find(known.tag(), known.file().map(Known::id), known.ended());
  }

  /** What the effect is called that must happen once. */
  static String call(String tag) {
    return "the fine-tuning job " + tag;
  }

  /** Says that the stage is alive, and hears whether it must stop. */
  private void step() {
    context.monitor().progress(0, 0, "", Optional.empty());
  }

  private JobNote withFile(JobNote before)
      throws IOException, InterruptedException, ModelException {
    if (before.file().isEmpty()) {
      step();
      StoredFile made =
          once.perform(
              "the training file " + training.name(),
              () -> provider.findFile(training.name()).filter(HostedJob::usable),
              () -> provider.upload(TrainingFile.path(context), training.name()));
      JobNote known =
          before.withFile(
              Optional.of(Known.of(made.id(), models.clock().instant(), context.caller().run())));
      note.write(known);
      return processed(known, made);
    }
    Known noted = before.file().get();
    Optional<StoredFile> there = once.ask(() -> provider.file(noted.id()));
    if (there.isEmpty()) {
      waitUntilItShows(noted);
      // Files may be deleted or expire there; uploading is free.
      note.write(before.withFile(Optional.empty()));
      throw new LaterException(Duration.ofSeconds(1), words.fileGone(noted.id()));
    }
    return processed(before, there.get());
  }

  private static boolean usable(StoredFile file) {
    return file.status() != StoredFile.Status.ERROR;
  }

  private JobNote processed(JobNote known, StoredFile file) throws IOException {
    Known noted = known.file().orElseThrow();
    return switch (file.status()) {
      case PROCESSED -> known;
      case UPLOADED ->
          throw new LaterException(
              NextLook.after(age(noted), FinetuneHosted.LONGEST_LOOK),
              words.processing(file, age(noted)));
      case ERROR -> {
        // Typed again, it is uploaded again.
        note.write(known.withFile(Optional.empty()));
        throw words.fileUnusable(file);
      }
    };
  }

  private TuningOrder order(String file) {
    FinetuneSpec.Hosted how = task.finetune();
    // Providers take 31 bits.
    long seed =
        how.seed()
            .map(Integer::longValue)
            .orElse(context.stage().seeds().getFirst() & Integer.MAX_VALUE);
    return new TuningOrder(
        base.id(),
        file,
        training.tag(),
        training.suffix(how.suffix()),
        seed,
        how.epochs(),
        how.batchSize(),
        how.learningRateMultiplier());
  }
}
