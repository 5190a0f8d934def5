package dev.inkling.workflow;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.common.interceptors.WorkerInterceptor;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactoryOptions;

/** Temporal's server for tests, whose time passes at once while everybody sleeps. */
final class TestServer {
  private TestServer() {}

  /** One that knows our search attributes. */
  static TestWorkflowEnvironment open(WorkerInterceptor... interceptors) {
    TestEnvironmentOptions.Builder options =
        TestEnvironmentOptions.newBuilder()
            .setUseTimeskipping(true)
            .setWorkerFactoryOptions(
                WorkerFactoryOptions.newBuilder().setWorkerInterceptors(interceptors).build());
    Attributes.names()
        .forEach(
            name ->
                options.registerSearchAttribute(name, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD));
    return TestWorkflowEnvironment.newInstance(options.build());
  }

  /** One with a worker that runs experiments. */
  static TestWorkflowEnvironment open(FakeActivities activities) {
    TestWorkflowEnvironment environment = open();
    Worker worker = environment.newWorker(Experiment.TASK_QUEUE);
    worker.registerWorkflowImplementationTypes(ExperimentWorkflow.class);
    worker.registerActivitiesImplementations(activities);
    environment.start();
    return environment;
  }

  /** Starts an experiment. */
  static WorkflowStub begin(TestWorkflowEnvironment environment, String id, String spec)
      throws Exception {
    WorkflowStub workflow =
        environment
            .getWorkflowClient()
            .newUntypedWorkflowStub(
                Experiment.TYPE,
                WorkflowOptions.newBuilder()
                    .setWorkflowId(id)
                    .setTaskQueue(Experiment.TASK_QUEUE)
                    .build());
    workflow.start(new ObjectMapper().readTree(spec));
    return workflow;
  }

  /**
   * A workflow to send updates to. The environment's own client lets time pass while it waits for
   * an answer; what comes next for a workflow that is paused is the end of its longest life.
   */
  static WorkflowStub still(TestWorkflowEnvironment environment, WorkflowStub workflow) {
    return WorkflowClient.newInstance(
            environment.getWorkflowServiceStubs(),
            WorkflowClientOptions.newBuilder().setNamespace(environment.getNamespace()).build())
        .newUntypedWorkflowStub(workflow.getExecution().getWorkflowId());
  }
}
