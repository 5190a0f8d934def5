package dev.inkling.finetune.hosted;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.language.JobFile;
import dev.inkling.language.LanguageModels;
import dev.inkling.language.Once;
import dev.inkling.model.ModelException;
import dev.inkling.model.hosted.FineTuning;
import dev.inkling.model.hosted.TuningCheckpoint;
import dev.inkling.model.hosted.TuningEvent;
import dev.inkling.model.hosted.TuningJob;
import dev.inkling.plan.Spend;
import dev.inkling.spec.HostedModel;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Brings the result of a job that has succeeded into the artifact. */
final class TuningResult {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final StageContext context;
  private final LanguageModels models;
  private final HostedModel base;
  private final TrainingFile training;
  private final FineTuning provider;
  private final Once once;

  TuningResult(StageContext context, LanguageModels models, HostedModel base, TrainingFile training)
      throws IOException, ModelException {
    this.context = context;
    this.models = models;
    this.base = base;
    this.training = training;
    this.provider = models.fineTuning(base);
    this.once = new Once(context, models.clock());
  }

  /** Writes the artifact's files. */
  Outcome write(TuningJob job) throws IOException, InterruptedException, ModelException {
    List<TuningEvent> events = once.ask(() -> provider.events(job.id()));
    List<TuningCheckpoint> checkpoints = once.ask(() -> provider.checkpoints(job.id()));
    Optional<String> csv = metrics(job);
    LossCurve losses = csv.map(LossCurve::ofMetrics).orElseGet(() -> LossCurve.ofEvents(events));

    Files.copy(TrainingFile.path(context), context.output(TrainingFile.FILE));
    Files.writeString(context.output("loss.csv"), losses.table());
    if (csv.isPresent()) {
      Files.writeString(context.output("metrics.csv"), csv.get());
    }
    Files.writeString(context.output("events.jsonl"), lines(events));
    Files.write(
        context.output("checkpoints.json"),
        JSON.writerWithDefaultPrettyPrinter()
            .writeValueAsBytes(checkpoints.stream().map(TuningCheckpoint::json).toList()));
    jobFile(job).write(context.output(JobFile.FILE));

    Spend spend = spend(job);
    return new Outcome(
        summary(job, spend, losses), seconds(job), losses.count(), "steps", Optional.of(spend));
  }

  /** The provider's table of metrics, if it has one. */
  private Optional<String> metrics(TuningJob job)
      throws IOException, InterruptedException, ModelException {
    Path draft = context.work().draft("metrics.part");
    Files.createDirectories(draft.getParent());
    for (String id : job.results()) {
      if (once.ask(() -> provider.content(id, draft))) {
        Optional<String> table = LossCurve.table(Files.readAllBytes(draft));
        if (table.isPresent()) {
          return table;
        }
      }
    }
    return Optional.empty();
  }

  private static String lines(List<TuningEvent> events) {
    StringBuilder lines = new StringBuilder();
    events.forEach(event -> lines.append(json(event)).append('\n'));
    return lines.toString();
  }

  private static String json(TuningEvent event) {
    try {
      return JSON.writeValueAsString(event.json());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JobFile jobFile(TuningJob job) {
    return new JobFile(
        base.server(),
        job.id(),
        job.file(),
        job.base(),
        job.model().orElseThrow(),
        job.word(),
        job.trainedTokens(),
        job.created().toString(),
        job.finished().map(Instant::toString),
        training.rows(),
        job.epochs(),
        job.batchSize(),
        job.learningRateMultiplier(),
        job.seed());
  }

  /** One job is one request. */
  private Spend spend(TuningJob job) throws IOException {
    Optional<Double> usd = Optional.empty();
    if (job.trainedTokens().isPresent()) {
      usd = models.prices().training(base, job.trainedTokens().get()).map(BigDecimal::doubleValue);
    }
    return new Spend(1, 0, job.trainedTokens().orElse(0L), 0, usd);
  }

  private String summary(TuningJob job, Spend spend, LossCurve losses) {
    return String.format(
        Locale.ROOT,
        "%s: %s fine-tuned on %,d rows%s%s, %s%s",
        job.model().orElseThrow(),
        job.base(),
        training.rows(),
        job.epochs().map(e -> e == 1 ? ", 1 epoch" : ", " + e + " epochs").orElse(""),
        job.trainedTokens()
            .map(t -> String.format(Locale.ROOT, ", %,d tokens", t))
            .orElse(", an unknown number of tokens"),
        spend
            .usd()
            .map(u -> String.format(Locale.ROOT, "$%.2f", u))
            .orElse("an unknown amount of money"),
        losses.last().map(l -> String.format(Locale.ROOT, ", final loss %.3f", l)).orElse(""));
  }

  private static double seconds(TuningJob job) {
    return job.finished()
        .map(finished -> Duration.between(job.created(), finished).toMillis() / 1e3)
        .orElse(0.0);
  }
}
