package dev.inkling.workflow;

import dev.inkling.plan.Task;
import dev.inkling.spec.Compute;
import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.common.RetryOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.failure.TimeoutFailure;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * How the workflow calls its activities: which one for which stage, how long each may take, what is
 * tried again.
 */
final class Calls {
  /**
   * A machine that is up starts Java and fetches libraries of gigabytes before its worker polls.
   */
  private static final Duration WORKER_COMES = Duration.ofMinutes(15);

  /** One that has taken a stage was polling; so long it may be out of reach, or start anew. */
  private static final Duration WORKER_POLLS = Duration.ofMinutes(1);

  /** How a Temporal service names a heartbeat that did not come. */
  private static final String SILENT = "TemporalTimeout:Heartbeat";

  /** How long making one may take when there is capacity. */
  private static final Duration LAUNCH = Duration.ofHours(1);

  /** A tool that makes machines says nothing for long; its activity beats all the same. */
  private static final Duration TOOL = Duration.ofSeconds(30);

  /** A person may be asleep when a login expires. */
  private static final Duration LOGIN = Duration.ofHours(24);

  private static final Duration LOGIN_LOOK = Duration.ofMinutes(5);

  private Calls() {}

  /** Does one stage in the activity of its kind. */
  static StageResult stage(StageRequest request) {
    return stage(
        Workflow.newActivityStub(Activities.class, heavy(request.stage().name())), request);
  }

  /** Does one stage in a worker that polls another queue. */
  static StageResult stageOn(String queue, StageRequest request) {
    return stage(
        Workflow.newActivityStub(
            StageActivities.class,
            ActivityOptions.newBuilder(heavy(request.stage().name())).setTaskQueue(queue).build()),
        request);
  }

  /**
   * Does one stage on a machine that was made for the experiment. Where it falls silent, is handed
   * back or does not begin, the machine is looked at before the stage is tried again.
   *
   * @param served whether the machine's worker has taken a stage before
   */
  static StageResult stageOnMachine(String queue, StageRequest request, boolean served) {
    ActivityOptions heavy = heavy(request.stage().name());
    return stage(
        Workflow.newActivityStub(
            StageActivities.class,
            ActivityOptions.newBuilder(heavy)
                .setTaskQueue(queue)
                .setScheduleToStartTimeout(served ? WORKER_POLLS : WORKER_COMES)
                .setRetryOptions(
                    RetryOptions.newBuilder(heavy.getRetryOptions())
                        .setDoNotRetry(Failures.WORKER_LOST.type(), SILENT)
                        .build())
                .build()),
        request);
  }

  private static StageResult stage(StageActivities activities, StageRequest request) {
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

  /** A machine that is up; waited for as long as the spec bears. */
  static Cluster ensure(ClusterRequest request) {
    Duration limit =
        Duration.ofMillis((long) (request.compute().waitHours() * 3_600_000)).plus(LAUNCH);
    return Workflow.newActivityStub(
            ClusterActivities.class,
            ActivityOptions.newBuilder(machine("a machine for the experiment"))
                .setScheduleToCloseTimeout(limit)
                .build())
        .ensure(request);
  }

  /** Looks at machines. */
  static ClusterActivities cluster() {
    return Workflow.newActivityStub(ClusterActivities.class, machine("is the machine there"));
  }

  /**
   * How a machine stands. A login that has expired is waited for, since the machine may be well.
   *
   * @param unable hears what a person has to type
   */
  static Cluster describe(ClusterRequest request, Consumer<String> unable) {
    Instant until = Instant.ofEpochMilli(Workflow.currentTimeMillis()).plus(LOGIN);
    while (true) {
      try {
        return cluster().describe(request);
      } catch (ActivityFailure e) {
        boolean late = Workflow.currentTimeMillis() > until.toEpochMilli();
        if (late || !Failures.MISSING_CREDENTIAL.is(e.getCause())) {
          throw e;
        }
        unable.accept(told(e));
        Workflow.sleep(LOGIN_LOOK);
      }
    }
  }

  /** Ends a machine, if its provider can be reached within half an hour. */
  static void release(ClusterRequest request) {
    Workflow.newActivityStub(
            ClusterActivities.class,
            ActivityOptions.newBuilder(machine("the machine is given back"))
                .setScheduleToCloseTimeout(Duration.ofMinutes(30))
                .build())
        .release(request);
  }

  private static ActivityOptions machine(String summary) {
    return ActivityOptions.newBuilder(heavy(summary))
        .setStartToCloseTimeout(Duration.ofHours(2))
        .setHeartbeatTimeout(TOOL)
        .setRetryOptions(
            RetryOptions.newBuilder()
                .setInitialInterval(Duration.ofSeconds(5))
                .setMaximumInterval(Duration.ofMinutes(5))
                .build())
        .build();
  }

  /** Why there is no machine, in words that say what to do. */
  static TemporalFailure noMachine(
      ActivityFailure e, Compute.Provisioned compute, double spentUsd) {
    boolean waited =
        (e.getCause() instanceof TimeoutFailure timeout
                && timeout.getTimeoutType() == TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE)
            || Failures.NO_CAPACITY.is(e.getCause())
            || Failures.LATER.is(e.getCause());
    if (waited) {
      return Failures.NO_CAPACITY.last(
          "There was no machine within %s hours (%s). Everything done so far is kept. Allow more with compute.waitHours, or name other machines, and run it again."
              .formatted(compute.waitHours(), told(e.getCause())));
    }
    if (Failures.REFUSED_BY_PROVIDER.is(e.getCause())
        && compute.maxUsd().isPresent()
        && spentUsd > 0) {
      return Failures.REFUSED_BY_PROVIDER.of(
          String.format(
              Locale.ROOT,
              "%s Of maxUsd: $%.2f the machines of this run have cost $%.2f. Everything done so far is kept; the same command again begins a new sum.",
              told(e.getCause()),
              compute.maxUsd().get(),
              spentUsd));
    }
    return e;
  }

  /** What lies behind a failure, in its own words. */
  static String told(Throwable failure) {
    Throwable last = failure.getCause() == null ? failure : failure.getCause();
    return last instanceof ApplicationFailure application
        ? application.getOriginalMessage()
        : String.valueOf(last.getMessage());
  }
}
