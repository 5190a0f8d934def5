package dev.inkling.workflow;

import dev.inkling.plan.Task;
import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;

/**
 * How the workflow calls its activities: which one for which stage, how long each may take, what is
 * tried again.
 */
final class Calls {
  private Calls() {}

  /** Does one stage in the activity of its kind. */
  static StageResult stage(StageRequest request) {
    Activities activities =
        Workflow.newActivityStub(Activities.class, heavy(request.stage().name()));
    return switch (request.stage().task()) {
      case Task.Generate _, Task.Sample _ -> activities.generateDataset(request);
      case Task.Filter _, Task.FilterRows _ -> activities.filter(request);
      case Task.Finetune _, Task.FinetuneHosted _, Task.FinetuneWeights _ ->
          activities.finetune(request);
      case Task.Evaluate _, Task.Ask _, Task.Answers _, Task.Score _ ->
          activities.evaluate(request);
    };
  }

  /** Ends what a stage has under way at a provider, if that can be reached within minutes. */
  static void withdraw(StageRequest request) {
    Workflow.newActivityStub(
            Activities.class,
            ActivityOptions.newBuilder(heavy(request.stage().name()))
                .setStartToCloseTimeout(Duration.ofMinutes(2))
                // A cancelled experiment does not hang on a provider that is away.
                .setScheduleToCloseTimeout(Duration.ofMinutes(10))
                .build())
        .withdraw(request);
  }

  /** Options of a stage that may take days and lives by its heartbeat. */
  private static ActivityOptions heavy(String summary) {
    return ActivityOptions.newBuilder()
        .setSummary(summary)
        // A bound only, so that nothing hangs for ever: a stage ends long before, or its heartbeat
        // stops.
        .setStartToCloseTimeout(Duration.ofDays(30))
        // A lost worker is noticed within 15 s; measured: timeout 10 s, next attempt 10.1 s after
        // the kill.
        .setHeartbeatTimeout(Duration.ofSeconds(10))
        // A cancelled stage writes its checkpoint before the workflow goes on.
        .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
        // Workers may be lost any number of times; what cannot succeed is marked so by the
        // activity.
        .setRetryOptions(
            RetryOptions.newBuilder()
                .setInitialInterval(Duration.ofSeconds(1))
                .setMaximumInterval(Duration.ofSeconds(30))
                .build())
        .build();
  }

  /** Planning and reporting: seconds of work, tried again in full when a worker is lost. */
  static Activities quick(String summary) {
    return Workflow.newActivityStub(
        Activities.class,
        ActivityOptions.newBuilder(heavy(summary))
            .setStartToCloseTimeout(Duration.ofMinutes(10))
            .build());
  }
}
