package dev.inkling.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.common.interceptors.WorkerInterceptorBase;
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
    start(new WorkerInterceptorBase());
  }

  private void start(WorkerInterceptorBase interceptor) {
    environment = TestServer.open(interceptor);
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
    assertThat(result.machines().orElseThrow().used()).isEqualTo(1);
    assertThat(result.machines().orElseThrow().lost()).isZero();
    assertThat(result.machines().orElseThrow().lostMinutes()).isZero();
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
    MachineUse machines = result.machines().orElseThrow();
    assertThat(machines.used()).isEqualTo(2);
    assertThat(machines.lost()).isEqualTo(1);
    // A stage that was handed back is looked after ten seconds later.
    assertThat(machines.lostMinutes()).isBetween(0.16, 1.0);
    assertThat(machines.waitedMinutes()).isGreaterThanOrEqualTo(machines.lostMinutes());
    assertThat(activities.reported).as("told to the report").contains(machines);
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
    start(new Impatience(Duration.ofMillis(300)));
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

  /** One that was lost between two stages would be waited for in vain. */
  @Test
  void aWorkerThatHasDoneAStageIsNotWaitedForLong() throws Exception {
    environment.close();
    Impatience waits = new Impatience(Duration.ofDays(1));
    start(waits);
    workers(1);

    begin(spec()).getResult(ExperimentResult.class);

    assertThat(waits.told.getFirst()).isEqualTo(Duration.ofMinutes(15));
    assertThat(waits.told.subList(1, 9)).containsOnly(Duration.ofMinutes(1));
  }

  /** Its node may be lost, which its provider does not say at once. */
  @Test
  void aWorkerThatFellSilentDuringItsFirstStageIsNotWaitedForLong() throws Exception {
    environment.close();
    Impatience waits = new Impatience(Duration.ofDays(1));
    start(waits);
    workers(1);
    activities.failures.put("GenerateDataset prompts", new AtomicInteger(1));

    begin(spec()).getResult(ExperimentResult.class);

    assertThat(waits.told.getFirst()).isEqualTo(Duration.ofMinutes(15));
    assertThat(waits.told.subList(1, 10)).containsOnly(Duration.ofMinutes(1));
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

    ExperimentResult result = begin(spec()).getResult(ExperimentResult.class);

    assertThat(clusters.calls).filteredOn(c -> c.equals("ensure 1")).hasSize(11);
    // 5, 10, 20, 40, 80, 160 and four times 300 seconds.
    assertThat(result.machines().orElseThrow().waitedMinutes()).isBetween(25.2, 26.5);
    assertThat(result.machines().orElseThrow().lostMinutes()).isZero();
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

    MachineUse machines = begin(spec).getResult(ExperimentResult.class).machines().orElseThrow();

    assertThat(clusters.ceilings).hasSize(2);
    assertThat(clusters.ceilings.getFirst()).contains(40.0);
    // A dollar a second, and ten seconds until a stage that was handed back is looked after.
    assertThat(clusters.ceilings.getLast().orElseThrow()).isLessThan(30.0);
    assertThat(machines.usd().orElseThrow())
        .isGreaterThanOrEqualTo(40 - clusters.ceilings.getLast().orElseThrow());
  }

  @Test
  void aMachineWhoseMoneyIsUsedUpEndsTheExperimentWithAReason() throws Exception {
    workers(1);
    activities.failures.put("Finetune same", new AtomicInteger(1));
    clusters.usedUp = true;

    WorkflowStub workflow = begin(spec());

    assertThatThrownBy(() -> workflow.getResult(ExperimentResult.class))
        .rootCause()
        .hasMessageContaining("maxUsd pays for no more of it");
    assertThat(clusters.calls).containsExactly("describe 1", "ensure 1", "describe 1", "release 1");
  }

  @Test
  void whereNothingIsLeftForTheNextMachineTheExperimentSaysWhatTheOthersHaveCost()
      throws Exception {
    String spec = withCompute("{\"type\": \"sky\", \"accelerators\": \"H100:1\", \"maxUsd\": 40}");
    Worker first = environment.newWorker(ClusterRequest.nameOf("tiny") + ".1");
    first.registerActivitiesImplementations(activities);
    environment.start();
    clusters.price = 3600;
    clusters.age = Duration.ofSeconds(20);
    activities.failures.put("Finetune same", new AtomicInteger(1));
    clusters.taken.set(1);
    clusters.refused = 2;

    WorkflowStub workflow = begin(spec);

    assertThatThrownBy(() -> workflow.getResult(ExperimentResult.class))
        .rootCause()
        .hasMessageContaining("maxUsd pays for too little of it. Of maxUsd: $40.00 the machines")
        .hasMessageMatching(
            "(?s).*have cost \\$3[0-9]\\.[0-9]{2}\\. Everything done so far is kept.*");
  }

  @Test
  void aMachineThatEndedWhileTheExperimentWasPausedIsNotCountedUntilSomebodyLooked()
      throws Exception {
    workers(1, 2);
    activities.endless = "Finetune same";
    WorkflowStub workflow = begin(spec());
    activities.endlessRuns.await();
    TestServer.still(environment, workflow).update("pause", Void.class);
    environment.sleep(Duration.ofDays(2));
    clusters.taken.set(1);

    TestServer.still(environment, workflow).update("unpause", Void.class);
    MachineUse machines = workflow.getResult(ExperimentResult.class).machines().orElseThrow();

    assertThat(machines.used()).isEqualTo(2);
    assertThat(machines.lost()).isZero();
    assertThat(machines.lostMinutes()).isZero();
    // Ten minutes idle, and seven until its provider has ended it.
    assertThat(machines.hours()).isBetween(0.27, 0.5);
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
    assertThat(result.machines()).isEmpty();
    assertThat(activities.reported).isEmpty();
  }
}
