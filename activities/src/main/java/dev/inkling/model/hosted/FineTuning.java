package dev.inkling.model.hosted;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.ObjectMappers;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.jobs.JobListEventsParams;
import com.openai.models.finetuning.jobs.JobListParams;
import com.openai.models.finetuning.jobs.checkpoints.CheckpointListParams;
import com.openai.models.finetuning.methods.SupervisedHyperparameters;
import com.openai.models.finetuning.methods.SupervisedMethod;
import com.openai.services.blocking.finetuning.JobService;
import dev.inkling.model.ModelException;
import dev.inkling.model.hosted.OpenAiFiles.Purpose;
import dev.inkling.model.hosted.TuningJob.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Fine-tuning by a provider: OpenAI, or a server that speaks like it. Each method is one request,
 * or one for each page of a list; nothing is tried again here.
 */
public final class FineTuning {
  /** The largest page of a list of jobs, events or checkpoints that OpenAI gives. */
  private static final long PAGE = 100;

  /** The latest events: enough to hold one of a step. */
  private static final long LATEST = 20;

  private final JobService jobs;
  private final OpenAiFiles files;
  private final OpenAiCalls calls;

  FineTuning(OpenAIClient client, OpenAiFiles files, OpenAiCalls calls) {
    this.jobs = client.fineTuning().jobs();
    this.files = files;
    this.calls = calls;
  }

  /** The training file of that name. */
  public Optional<StoredFile> findFile(String name) throws ModelException, InterruptedException {
    return files.find(name, Purpose.FINE_TUNE);
  }

  /** Uploads a training file. */
  public StoredFile upload(Path file, String name)
      throws ModelException, IOException, InterruptedException {
    return files.upload(file, name, Purpose.FINE_TUNE);
  }

  /** The file of that id; empty if the provider does not have it any more. */
  public Optional<StoredFile> file(String id) throws ModelException, InterruptedException {
    return files.status(id);
  }

  /** Writes a file's content to a path; false if the provider does not have it any more. */
  public boolean content(String id, Path to)
      throws ModelException, IOException, InterruptedException {
    return files.content(id, to);
  }

  /**
   * The job with our tag; where a server keeps no metadata, the one with our training file, which
   * has our tag in its name. Of several, one that has succeeded or goes on rather than one that has
   * failed.
   *
   * @param file the id of the training file, where it is known
   * @param except the ids of jobs that are not wanted
   */
  public Optional<TuningJob> find(String tag, Optional<String> file, Set<String> except)
      throws ModelException, InterruptedException {
    return calls.call(
        () ->
            jobs.list(JobListParams.builder().limit(PAGE).build()).autoPager().stream()
                .map(FineTuning::json)
                .filter(job -> ours(job, tag, file))
                .map(TuningJobReader::read)
                .filter(job -> !except.contains(job.id()))
                .min(Comparator.comparing(job -> rank(job.status()))));
  }

  private static boolean ours(JsonNode job, String tag, Optional<String> file) {
    JsonNode metadata = job.path("metadata");
    return metadata.isEmpty()
        ? file.isPresent() && job.path("training_file").asText().equals(file.get())
        : metadata.path(TuningOrder.TAG).asText().equals(tag);
  }

  private static int rank(Status status) {
    return switch (status) {
      case SUCCEEDED -> 0;
      case VALIDATING, QUEUED, RUNNING, UNKNOWN -> 1;
      case FAILED, CANCELLED -> 2;
    };
  }

  /** Begins a job; asked twice, there are two. */
  public TuningJob create(TuningOrder order) throws ModelException, InterruptedException {
    SupervisedHyperparameters.Builder parameters = SupervisedHyperparameters.builder();
    order.epochs().ifPresent(parameters::nEpochs);
    order.batchSize().ifPresent(parameters::batchSize);
    order.learningRateMultiplier().ifPresent(parameters::learningRateMultiplier);
    JobCreateParams params =
        JobCreateParams.builder()
            .model(order.base())
            .trainingFile(order.file())
            .suffix(order.suffix())
            .seed(order.seed())
            .metadata(
                JobCreateParams.Metadata.builder()
                    .putAdditionalProperty(TuningOrder.TAG, JsonValue.from(order.tag()))
                    .build())
            .method(
                JobCreateParams.Method.builder()
                    .type(JobCreateParams.Method.Type.SUPERVISED)
                    .supervised(
                        SupervisedMethod.builder().hyperparameters(parameters.build()).build())
                    .build())
            .build();
    return calls.call(() -> job(json(jobs.create(params))));
  }

  /** The job of that id; empty if the provider has none. */
  public Optional<TuningJob> job(String id) throws ModelException, InterruptedException {
    return calls.find(() -> job(json(jobs.retrieve(id))));
  }

  /**
   * Ends a job.
   *
   * @throws ModelException REFUSED if it has ended already
   */
  public TuningJob cancel(String id) throws ModelException, InterruptedException {
    return calls.call(() -> job(json(jobs.cancel(id))));
  }

  /** What has happened last, newest first: one request. */
  public List<TuningEvent> latestEvents(String id) throws ModelException, InterruptedException {
    return calls.call(
        () ->
            jobs.listEvents(id, eventsOf(LATEST)).items().stream().map(FineTuning::event).toList());
  }

  /** All that has happened, oldest first. */
  public List<TuningEvent> events(String id) throws ModelException, InterruptedException {
    return calls
        .call(
            () ->
                jobs.listEvents(id, eventsOf(PAGE)).autoPager().stream()
                    .map(FineTuning::event)
                    .toList())
        .reversed();
  }

  private static JobListEventsParams eventsOf(long limit) {
    return JobListEventsParams.builder().limit(limit).build();
  }

  /** The job's checkpoints, by step; none where a server has no such list. */
  public List<TuningCheckpoint> checkpoints(String id) throws ModelException, InterruptedException {
    CheckpointListParams params = CheckpointListParams.builder().limit(PAGE).build();
    return calls
        .find(
            () ->
                jobs.checkpoints().list(id, params).autoPager().stream()
                    .map(FineTuning::json)
                    .map(
                        c ->
                            new TuningCheckpoint(
                                c.path("fine_tuned_model_checkpoint").asText(),
                                c.path("step_number").asLong(),
                                c))
                    .sorted(Comparator.comparingLong(TuningCheckpoint::step))
                    .toList())
        .orElse(List.of());
  }

  /** As a tree, since servers that speak like OpenAI leave fields out. */
  private static JsonNode json(Object answer) {
    return ObjectMappers.jsonMapper().valueToTree(answer);
  }

  /** One that has no name cannot be asked for again: then nobody knows what the answer means. */
  private TuningJob job(JsonNode job) throws ModelException {
    if (job.path("id").asText("").isEmpty()) {
      throw calls.refusals().hiddenError(Optional.ofNullable(job.get("error")));
    }
    return TuningJobReader.read(job);
  }

  private static TuningEvent event(Object answer) {
    JsonNode event = json(answer);
    JsonNode data = event.path("data");
    Optional<TuningEvent.Step> step =
        TuningJobReader.whole(data.path("step"))
            .map(
                number ->
                    new TuningEvent.Step(
                        number,
                        TuningJobReader.whole(data.path("total_steps")),
                        TuningJobReader.number(data.path("train_loss"))));
    return new TuningEvent(event.path("id").asText(), event.path("message").asText(), step, event);
  }
}
