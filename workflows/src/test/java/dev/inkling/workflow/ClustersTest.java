package dev.inkling.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import io.temporal.common.interceptors.WorkflowInboundCallsInterceptor;
import io.temporal.common.interceptors.WorkflowInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkflowOutboundCallsInterceptor;
import io.temporal.common.interceptors.WorkflowOutboundCallsInterceptorBase;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Machines come before the stages that need them, are replaced when they are lost, and end. */
@Timeout(60)
class ClustersTest {
  private final FakeActivities activities = new FakeActivities();
  private final FakeClusters clusters = new FakeClusters();
  private TestWorkflowEnvironment environment;

  @BeforeEach
  void start() {
    environment = TestServer.open();
    Worker worker = environment.newWorker(Experiment.TASK_QUEUE);
    worker.registerWorkflowImplementationTypes(ExperimentWorkflow.class);
    worker.registerActivitiesImplementations(activities, clusters);
  }

  @AfterEach
  void stop() {
    environment.close();
  }

  /** Workers of these generations come. */
  private void workers(int... generations) {
    for (int generation : generations) {
      Worker worker = environment.newWorker(ClusterRequest.nameOf("tiny") + "." + generation);
      worker.registerActivitiesImplementations(activities);
    }
    environment.start();
  }

  private static String spec() {
    return withCompute("{\"type\": \"slurm\", \"waitHours\": 2}");
  }

  private static String withCompute(String compute) {
    return TinySpec.JSON.replace("\"seeds\"", "\"compute\": " + compute + ", \"seeds\"");
  }

  private WorkflowStub begin(String spec) throws Exception {
    return TestServer.begin(environment, "tiny", spec);
  }

  @Test
  void oneMachineIsMadeForAllStagesAndGivenBack() throws Exception {
    workers(1);

    ExperimentResult result = begin(spec()).getResult(ExperimentResult.class);

    assertThat(result.made()).isEqualTo(9);
    assertThat(clusters.calls).containsExactly("describe 1", "ensure 1", "release 1");
  }

  @Test
  void whatATerminatedRunHasLeftIsTakenOver() throws Exception {
    workers(3);
    clusters.left = 3;

    begin(spec()).getResult(ExperimentResult.class);

    assertThat(clusters.calls).containsExactly("describe 1", "ensure 3", "release 3");
  }

  /** A machine of an earlier run may live on unseen, and poll its queue. */
  @Test
  void aNewRunBeginsBehindTheGenerationsOfTheOneBefore() throws Exception {
    workers(1);
    begin(spec()).getResult(ExperimentResult.class);
    environment.sleep(Duration.ofSeconds(2));

    begin(spec()).getResult(ExperimentResult.class);

    assertThat(clusters.begun).hasSize(2);
    assertThat(clusters.begun.getLast()).isGreaterThan(clusters.begun.getFirst() + 1);
  }

  @Test
  void aLostMachineIsReplacedByOneThatPollsAnotherQueue() throws Exception {
    workers(1, 2);
    activities.failures.put("Finetune same", new AtomicInteger(1));
    clusters.taken.set(1);

    ExperimentResult result = begin(spec()).getResult(ExperimentResult.class);

    assertThat(result.made()).isEqualTo(9);
    assertThat(activities.calls).filteredOn(c -> c.equals("Finetune same")).hasSize(2);
    assertThat(clusters.calls)
        .containsExactly("describe 1", "ensure 1", "describe 1", "ensure 2", "release 2");
  }

  @Test
  void aWorkerThatStopsOnAMachineThatLivesIsTriedAgainThere() throws Exception {
    workers(1);
    activities.failures.put("Finetune same", new AtomicInteger(1));

    begin(spec()).getResult(ExperimentResult.class);

    assertThat(clusters.calls).containsExactly("describe 1", "ensure 1", "describe 1", "release 1");
  }

  /** The first look decides for all that were under way when the network was away. */
  @Test
  void stagesThatFallSilentTogetherAreOneSilence() throws Exception {
    String spec = withCompute("{\"type\": \"slurm\", \"gpus\": 2, \"parallel\": 2}");
    workers(1);
    activities.takes = Duration.ofMillis(300);
    activities.failures.put("Finetune same", new AtomicInteger(1));
    activities.failures.put("Finetune different", new AtomicInteger(1));

    begin(spec).getResult(ExperimentResult.class);

    assertThat(clusters.calls)
        .containsExactly("describe 1", "ensure 1", "describe 1", "describe 1", "release 1");
  }

  @Test
  void aLoginThatHasExpiredIsWaitedFor() throws Exception {
    workers(1);
    activities.failures.put("Finetune same", new AtomicInteger(1));
    clusters.loggedOut.set(3);

    begin(spec()).getResult(ExperimentResult.class);

    assertThat(clusters.calls).filteredOn(c -> c.equals("describe 1")).hasSize(5);
    assertThat(clusters.calls).doesNotContain("ensure 2");
  }

  @Test
  void aMachineThatLivesAndDoesNothingIsEndedAndReplaced() throws Exception {
    workers(1, 2);
    activities.failures.put("GenerateDataset prompts", new AtomicInteger(2));

    ExperimentResult result = begin(spec()).getResult(ExperimentResult.class);

    assertThat(result.made()).isEqualTo(9);
    assertThat(clusters.calls)
        .containsExactly(
            "describe 1",
            "ensure 1",
            "describe 1",
            "describe 1",
            "release 1",
            "ensure 2",
            "release 2");
  }

  @Test
  void machinesThatAreAllLostAtOnceEndTheExperimentWithAReason() throws Exception {
    workers(1, 2, 3, 4, 5, 6, 7);
    activities.failures.put("GenerateDataset prompts", new AtomicInteger(20));
    clusters.taken.set(20);

    WorkflowStub workflow = begin(spec());

    assertThatThrownBy(() -> workflow.getResult(ExperimentResult.class))
        .isInstanceOf(WorkflowFailedException.class)
        .rootCause()
        .hasMessageContaining("5 machines in a row were lost")
        .hasMessageContaining("run the same command again");
    assertThat(clusters.calls).contains("ensure 5").doesNotContain("ensure 6");
    assertThat(clusters.calls.getLast()).startsWith("release ");
  }

  @Test
  void machinesWhoseWorkersEndAtOnceEndTheExperimentWithWhereToLook() throws Exception {
    workers(1);
    clusters.endedAtOnce.set(20);

    WorkflowStub workflow = begin(spec());

    assertThatThrownBy(() -> workflow.getResult(ExperimentResult.class))
        .isInstanceOf(WorkflowFailedException.class)
        .rootCause()
        .hasMessageContaining("5 machines in a row were lost")
        .hasMessageContaining("logs/fake.log");
    assertThat(clusters.calls)
        .containsExactly(
            "describe 1", "ensure 1", "ensure 2", "ensure 3", "ensure 4", "ensure 5", "release 6");
  }

  @Test
  void aMachineThatEndedAtOnceHasCostSomething() throws Exception {
    String spec = withCompute("{\"type\": \"sky\", \"accelerators\": \"H100:1\", \"maxUsd\": 40}");
    Worker second = environment.newWorker(ClusterRequest.nameOf("tiny") + ".2");
    second.registerActivitiesImplementations(activities);
    environment.start();
    clusters.price = 3600;
    clusters.age = Duration.ofSeconds(30);
    clusters.endedAtOnce.set(1);

    begin(spec).getResult(ExperimentResult.class);

    assertThat(clusters.ceilings.getLast().orElseThrow()).isLessThan(10.5);
  }

  /** What is waited for in a queue is no time in which something was done. */
  @Test
  void machinesThatAreLostSoonAfterALongWaitEndTheExperimentToo() throws Exception {
    workers(1, 2, 3, 4, 5);
    activities.failures.put("GenerateDataset prompts", new AtomicInteger(20));
    clusters.taken.set(20);
    clusters.age = Duration.ofHours(1);

    WorkflowStub workflow = begin(spec());

    assertThatThrownBy(() -> workflow.getResult(ExperimentResult.class))
        .rootCause()
        .hasMessageContaining("5 machines in a row were lost");
    assertThat(clusters.calls).contains("ensure 5").doesNotContain("ensure 6");
  }

  @Test
  void machinesWhoseWorkersNeverComeEndTheExperimentWithAReason() throws Exception {
    environment.close();
    environment = TestServer.open(new Impatient());
    Worker ordinary = environment.newWorker(Experiment.TASK_QUEUE);
    ordinary.registerWorkflowImplementationTypes(ExperimentWorkflow.class);
    ordinary.registerActivitiesImplementations(activities, clusters);
    environment.start();
    clusters.age = Duration.ofHours(1); // each was waited for longer than a quick loss takes

    WorkflowStub workflow = begin(spec());

    assertThatThrownBy(() -> workflow.getResult(ExperimentResult.class))
        .isInstanceOf(WorkflowFailedException.class)
        .rootCause()
        .hasMessageContaining("5 machines in a row were lost")
        .hasMessageContaining("or their workers never came");
    assertThat(clusters.calls).contains("ensure 5").doesNotContain("ensure 6");
    assertThat(clusters.calls.getLast()).startsWith("release ");
  }

  @Test
  void aMachineGetsAsManyStagesAtOnceAsItHasGpus() throws Exception {
    String one = withCompute("{\"type\": \"slurm\", \"parallel\": 3}");
    String two =
        withCompute(
            "{\"type\": \"sky\", \"accelerators\": \"H100:4\", \"parallel\": 3,"
                + " \"anyOf\": [{\"accelerators\": \"A100:2\"}]}");
    for (String id : List.of("one", "two")) {
      environment
          .newWorker(ClusterRequest.nameOf(id) + ".1")
          .registerActivitiesImplementations(activities);
    }
    environment.start();
    activities.takes = Duration.ofMillis(200);

    TestServer.begin(environment, "one", one).getResult(ExperimentResult.class);
    assertThat(activities.mostAtOnce).hasValue(1);
    TestServer.begin(environment, "two", two).getResult(ExperimentResult.class);
    assertThat(activities.mostAtOnce).hasValue(2);
  }

  @Test
  void capacityIsWaitedForAsLongAsTheSpecSays() throws Exception {
    workers(1);
    clusters.fullHouse.set(10);

    begin(spec()).getResult(ExperimentResult.class);

    assertThat(clusters.calls).filteredOn(c -> c.equals("ensure 1")).hasSize(11);
  }

  @Test
  void whereThereIsNeverCapacityTheExperimentSaysWhatToChange() throws Exception {
    workers(1);
    clusters.limitPassed = true;

    WorkflowStub workflow = begin(spec());

    assertThatThrownBy(() -> workflow.getResult(ExperimentResult.class))
        .rootCause()
        .hasMessageContaining("no machine within 2.0 hours")
        .hasMessageContaining("compute.waitHours");
    assertThat(clusters.calls.getLast()).isEqualTo("release 1");
  }

  @Test
  void aCancelledExperimentGivesItsMachineBack() throws Exception {
    workers(1);
    activities.endless = "Finetune same";
    WorkflowStub workflow = begin(spec());
    activities.endlessRuns.await();

    workflow.cancel();

    assertThatThrownBy(() -> workflow.getResult(ExperimentResult.class))
        .isInstanceOf(WorkflowFailedException.class);
    assertThat(clusters.calls).containsExactly("describe 1", "ensure 1", "release 1");
  }

  @Test
  void aFailedExperimentGivesItsMachineBack() throws Exception {
    workers(1);
    activities.refusals.put("Finetune same", true);

    WorkflowStub workflow = begin(spec());

    assertThatThrownBy(() -> workflow.getResult(ExperimentResult.class))
        .rootCause()
        .hasMessageContaining("The disk is full.");
    assertThat(clusters.calls).containsExactly("describe 1", "ensure 1", "release 1");
  }

  @Test
  void whatOneMachineHasCostTheNextOneMayNotSpend() throws Exception {
    String spec = withCompute("{\"type\": \"sky\", \"accelerators\": \"H100:1\", \"maxUsd\": 40}");
    Worker first = environment.newWorker(ClusterRequest.nameOf("tiny") + ".1");
    first.registerActivitiesImplementations(activities);
    Worker second = environment.newWorker(ClusterRequest.nameOf("tiny") + ".2");
    second.registerActivitiesImplementations(activities);
    environment.start();
    clusters.price = 3600;
    activities.failures.put("Finetune same", new AtomicInteger(1));
    clusters.taken.set(1);

    begin(spec).getResult(ExperimentResult.class);

    assertThat(clusters.ceilings).hasSize(2);
    assertThat(clusters.ceilings.getFirst()).contains(40.0);
    // A dollar a second, and ten seconds until a stage that was handed back is looked after.
    assertThat(clusters.ceilings.getLast().orElseThrow()).isLessThan(30.0);
  }

  /** After its idle minutes it has ended, whenever that is noticed. */
  @Test
  void aMachineThatEndsDuringAPauseHasCostNothingAfterwards() throws Exception {
    String spec = withCompute("{\"type\": \"sky\", \"accelerators\": \"H100:1\", \"maxUsd\": 40}");
    workers(1, 2);
    clusters.price = 60;
    activities.endless = "Finetune same";
    WorkflowStub workflow = begin(spec);
    activities.endlessRuns.await();
    TestServer.still(environment, workflow).update("pause", Void.class);
    environment.sleep(Duration.ofHours(10));
    clusters.taken.set(1);

    TestServer.still(environment, workflow).update("unpause", Void.class);
    workflow.getResult(ExperimentResult.class);

    // A dollar a minute: ten minutes of idleness, and seven until it is taken down.
    assertThat(clusters.ceilings).hasSize(2);
    assertThat(clusters.ceilings.getLast().orElseThrow()).isBetween(20.0, 24.0);
  }

  @Test
  void aQueueThatSomebodyServesNeedsNoMachine() throws Exception {
    Worker worker = environment.newWorker("gpu");
    worker.registerActivitiesImplementations(activities);
    environment.start();

    ExperimentResult result =
        begin(withCompute("{\"type\": \"queue\"}")).getResult(ExperimentResult.class);

    assertThat(result.made()).isEqualTo(9);
    assertThat(clusters.calls).isEmpty();
  }

  /**
   * A worker is waited for less long: the server for tests lets no time pass by itself while an
   * activity has not begun.
   */
  private static final class Impatient extends WorkerInterceptorBase {
    @Override
    public WorkflowInboundCallsInterceptor interceptWorkflow(WorkflowInboundCallsInterceptor next) {
      return new WorkflowInboundCallsInterceptorBase(next) {
        @Override
        public void init(WorkflowOutboundCallsInterceptor outbound) {
          next.init(
              new WorkflowOutboundCallsInterceptorBase(outbound) {
                @Override
                public <R> ActivityOutput<R> executeActivity(ActivityInput<R> input) {
                  return super.executeActivity(shorter(input));
                }
              });
        }
      };
    }

    private static <R> WorkflowOutboundCallsInterceptor.ActivityInput<R> shorter(
        WorkflowOutboundCallsInterceptor.ActivityInput<R> input) {
      if (input.getOptions().getScheduleToStartTimeout() == null) {
        return input;
      }
      return new WorkflowOutboundCallsInterceptor.ActivityInput<>(
          input.getActivityName(),
          input.getResultClass(),
          input.getResultType(),
          input.getArgs(),
          ActivityOptions.newBuilder(input.getOptions())
              .setScheduleToStartTimeout(Duration.ofMillis(300))
              .build(),
          input.getHeader());
    }
  }
}
