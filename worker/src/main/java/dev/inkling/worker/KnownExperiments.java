package dev.inkling.worker;

import dev.inkling.provision.Experiments;
import dev.inkling.workflow.ClusterSweep;
import dev.inkling.workflow.Experiment;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowExecutionMetadata;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleAlreadyRunningException;
import io.temporal.client.schedules.ScheduleIntervalSpec;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Experiments as a Temporal service lists them. */
public final class KnownExperiments implements Experiments {
  private static final Duration EVERY = Duration.ofMinutes(10);

  /** Newest first; machines of older experiments ended by themselves long ago. */
  private static final int MOST = 10_000;

  private final Connection connection;
  private volatile boolean scheduled;

  /** Those of the service that a connection leads to. */
  public KnownExperiments(Connection connection) {
    this.connection = connection;
  }

  @Override
  public Map<String, Boolean> known() {
    Map<String, Boolean> known = new TreeMap<>();
    try (Stream<WorkflowExecutionMetadata> all =
        connection.client().listExecutions("WorkflowType = '" + Experiment.TYPE + "'")) {
      all.limit(MOST)
          .forEach(
              workflow ->
                  known.merge(
                      workflow.getExecution().getWorkflowId(),
                      workflow.getStatus()
                          == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING,
                      Boolean::logicalOr));
    }
    return known;
  }

  @Override
  public void lookForOrphans() {
    if (scheduled) {
      return;
    }
    try {
      connection
          .schedules()
          .createSchedule(
              ClusterSweep.SCHEDULE,
              Schedule.newBuilder()
                  .setAction(
                      ScheduleActionStartWorkflow.newBuilder()
                          .setWorkflowType(ClusterSweep.TYPE)
                          .setOptions(
                              WorkflowOptions.newBuilder()
                                  .setWorkflowId(ClusterSweep.SCHEDULE)
                                  .setTaskQueue(Experiment.TASK_QUEUE)
                                  .build())
                          .build())
                  .setSpec(
                      ScheduleSpec.newBuilder()
                          .setIntervals(List.of(new ScheduleIntervalSpec(EVERY)))
                          .build())
                  .setPolicy(
                      SchedulePolicy.newBuilder()
                          .setOverlap(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP)
                          .build())
                  .build(),
              ScheduleOptions.newBuilder().build());
    } catch (ScheduleAlreadyRunningException e) {
      // Another worker has made it.
    }
    scheduled = true;
  }
}
