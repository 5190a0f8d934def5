package dev.inkling.finetune.hosted;

import dev.inkling.model.hosted.StoredFile;
import dev.inkling.model.hosted.TuningEvent.Step;
import dev.inkling.model.hosted.TuningJob;
import dev.inkling.model.hosted.TuningOrder;
import dev.inkling.stage.JobFailedException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * What people read about a job.
 *
 * @param stage what they call the model
 * @param server the provider or the endpoint
 */
record JobWords(String stage, String server, TrainingFile training) {
  private static final String AGAIN =
      " What it has cost is not known here: see the provider's page. The training file is kept."
          + " When the reason is gone, type the same command again: it makes a new job.";

  private String job(String id) {
    return server + "'s fine-tuning job " + id + " for '" + stage + "'";
  }

  /** It failed or was cancelled there. */
  JobFailedException failed(TuningJob job) {
    return new JobFailedException(
        switch (job.status()) {
          case CANCELLED -> job(job.id()) + " was cancelled at the provider." + AGAIN;
          case VALIDATING, QUEUED, RUNNING, SUCCEEDED, FAILED, UNKNOWN ->
              job(job.id())
                  + " failed: "
                  + job.reason().map(JobWords::sentence).orElse("the provider gives no reason.")
                  + AGAIN;
        });
  }

  /** Nobody has heard of it. */
  JobFailedException gone(String id) {
    return new JobFailedException(
        job(id)
            + " is gone: the provider has neither it nor another one with the metadata "
            + TuningOrder.TAG
            + ": "
            + training.tag()
            + ". None was made in its place, since it may be billed."
            + AGAIN);
  }

  JobFailedException fileUnusable(StoredFile file) {
    return new JobFailedException(
        server
            + " cannot use the training file "
            + file.name()
            + " of '"
            + stage
            + "': "
            + file.details().map(JobWords::sentence).orElse("it gives no reason.")
            + " No job was created, and nothing is billed. The file is kept; type the same command"
            + " again to upload it again.");
  }

  String notYetShown(String id) {
    return server + " does not know " + id + " yet, which was made a moment ago.";
  }

  String fileGone(String id) {
    return server + " does not have the training file " + id + " any more; it is uploaded again.";
  }

  String processing(StoredFile file, Duration age) {
    return server + " processes the training file " + file.name() + ", for " + words(age) + " now.";
  }

  /** How far a job is that goes on. */
  String underWay(TuningJob job, Optional<Step> step, Duration age) {
    return switch (job.status()) {
      case VALIDATING -> job(job.id()) + " looks at its training file.";
      case QUEUED -> job(job.id()) + " is queued, for " + words(age) + " now.";
      case RUNNING ->
          job(job.id())
              + " is running, "
              + words(age)
              + " after it was created"
              + step.map(JobWords::words).orElse("")
              + ".";
      case SUCCEEDED ->
          job(job.id()) + " has succeeded; its provider does not say yet what came out.";
      case FAILED, CANCELLED, UNKNOWN ->
          job(job.id())
              + " is '"
              + job.word()
              + "', which is not known here; it is waited for, "
              + words(age)
              + " after it was created.";
    };
  }

  private static String words(Step step) {
    return ": step "
        + step.number()
        + step.total().map(t -> " of " + t).orElse("")
        + step.loss().map(l -> String.format(Locale.ROOT, ", loss %.3f", l)).orElse("");
  }

  static String words(Duration age) {
    if (age.toSeconds() < 120) {
      return age.toSeconds() + " s";
    }
    return age.toMinutes() < 120 ? age.toMinutes() + " min" : age.toHours() + " h";
  }

  private static String sentence(String words) {
    return words.endsWith(".") ? words : words + ".";
  }
}
