package dev.inkling.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.Cluster.State;
import dev.inkling.workflow.ClusterRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whose machines are ended, and whose are not. */
class OrphansTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final Instant LONG_AGO = NOW.minus(Duration.ofHours(3));
  private static final Instant TOMORROW = NOW.plus(Duration.ofHours(24));

  /** A tool that has these machines; some cannot be ended. */
  private record Cloud(
      String name, List<Cluster> machines, Set<String> stubborn, List<String> released)
      implements Provider {
    static Cloud of(Cluster... machines) {
      return new Cloud("cloud", List.of(machines), Set.of(), new ArrayList<>());
    }

    Cloud thatCannotEnd(String experiment) {
      return new Cloud(name, machines, Set.of(ClusterRequest.nameOf(experiment)), released);
    }

    @Override
    public List<Cluster> list() throws ProvisionException, InterruptedException {
      return machines;
    }

    @Override
    public void release(String name, int newest, Consumer<String> progress)
        throws ProvisionException {
      if (stubborn.contains(name)) {
        throw new ProvisionException(Reason.UNAVAILABLE, name + " may still cost.");
      }
      released.add(name);
    }

    @Override
    public Cluster ensure(ClusterRequest request, Attempt attempt) {
      throw new AssertionError("A sweep makes no machines");
    }

    @Override
    public Cluster describe(ClusterRequest request) {
      throw new AssertionError("A sweep knows only what is listed");
    }

    @Override
    public String render(ClusterRequest request) {
      throw new AssertionError("A sweep shows nothing");
    }
  }

  /** A tool that answers nothing. */
  private record Away(Reason reason) implements Provider {
    @Override
    public String name() {
      return "away";
    }

    @Override
    public List<Cluster> list() throws ProvisionException {
      throw new ProvisionException(reason, "It does not answer.");
    }

    @Override
    public Cluster ensure(ClusterRequest request, Attempt attempt) {
      throw new AssertionError();
    }

    @Override
    public Cluster describe(ClusterRequest request) {
      throw new AssertionError();
    }

    @Override
    public void release(String name, int newest, Consumer<String> progress) {
      throw new AssertionError("What cannot be listed cannot be ours");
    }

    @Override
    public String render(ClusterRequest request) {
      throw new AssertionError();
    }
  }

  private record Known(Map<String, Boolean> known) implements Experiments {
    @Override
    public void lookForOrphans() {
      throw new AssertionError("It is being looked for");
    }
  }

  private static Cluster machine(String experiment) {
    return machine(experiment, State.UP, Optional.of(LONG_AGO), Optional.of(TOMORROW));
  }

  private static Cluster machine(
      String experiment, State state, Optional<Instant> since, Optional<Instant> until) {
    return new Cluster(
        ClusterRequest.nameOf(experiment),
        experiment,
        "somebody",
        1,
        state,
        "cloud",
        "here",
        "H100:1",
        since,
        until,
        Optional.of(2.0),
        "");
  }

  private static List<String> ended(Map<String, Boolean> known, Provider... providers)
      throws Exception {
    return new Orphans(List.of(providers), new Known(known), Clock.fixed(NOW, ZoneOffset.UTC))
        .end(line -> {});
  }

  private static String[] names(String... experiments) {
    return List.of(experiments).stream().map(ClusterRequest::nameOf).toArray(String[]::new);
  }

  @Test
  void theMachineOfAnExperimentThatIsOverIsEndedAndNoOther() throws Exception {
    Cloud cloud = Cloud.of(machine("runs"), machine("over"), machine("somebody-elses"));

    assertThat(ended(Map.of("runs", true, "over", false), cloud)).containsExactly(names("over"));
    assertThat(cloud.released()).containsExactly(names("over"));
  }

  @Test
  void aMachineOfWhichOnlyTheNameCanBeReadIsKnownByItsName() throws Exception {
    Cluster bare =
        new Cluster(
            ClusterRequest.nameOf("over"),
            "",
            "",
            0,
            State.UP,
            "modal",
            "modal",
            "",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "");

    assertThat(ended(Map.of("over", false), Cloud.of(bare))).containsExactly(names("over"));
  }

  @Test
  void whatTheServiceTellsIsSecondsOldSoAYoungMachineWaitsForTheNextSweep() throws Exception {
    for (int seconds : new int[] {0, 119}) {
      Instant since = NOW.minusSeconds(seconds);
      Cluster young = machine("over", State.UP, Optional.of(since), Optional.of(TOMORROW));
      assertThat(ended(Map.of("over", false), Cloud.of(young))).as(seconds + " s").isEmpty();
    }
    Instant since = NOW.minusSeconds(120);
    Cluster old = machine("over", State.UP, Optional.of(since), Optional.of(TOMORROW));
    assertThat(ended(Map.of("over", false), Cloud.of(old))).hasSize(1);
  }

  @Test
  void aMachineThatOutlivesItsOwnEndIsEndedAlsoWhereItsExperimentRuns() throws Exception {
    Cluster late =
        machine(
            "runs", State.UP, Optional.of(LONG_AGO), Optional.of(NOW.minus(Duration.ofMinutes(9))));
    Cluster overdue =
        machine(
            "runs too",
            State.UP,
            Optional.of(LONG_AGO),
            Optional.of(NOW.minus(Duration.ofMinutes(11))));
    Cluster endless = machine("runs on", State.UP, Optional.of(LONG_AGO), Optional.empty());

    assertThat(
            ended(
                Map.of("runs", true, "runs too", true, "runs on", true),
                Cloud.of(late, overdue, endless)))
        .containsExactly(names("runs too"));
  }

  @Test
  void oneThatStillWaitsForItsTurnIsEndedAndOneThatIsGoneIsNot() throws Exception {
    Cluster waits = machine("over", State.PENDING, Optional.of(LONG_AGO), Optional.empty());
    Cluster gone = machine("over too", State.GONE, Optional.of(LONG_AGO), Optional.empty());

    assertThat(ended(Map.of("over", false, "over too", false), Cloud.of(waits, gone)))
        .containsExactly(names("over"));
  }

  @Test
  void whereAToolIsNotInstalledNothingWasMadeWithIt() throws Exception {
    assertThat(ended(Map.of("over", false), new Away(Reason.NO_TOOL), Cloud.of(machine("over"))))
        .containsExactly(names("over"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Reason.class,
      names = {"UNAVAILABLE", "UNREADABLE", "NO_CREDENTIALS"})
  void aToolThatDoesNotAnswerIsToldAfterTheOthersMachinesWereEnded(Reason reason) {
    Cloud cloud = Cloud.of(machine("over"));

    assertThatThrownBy(() -> ended(Map.of("over", false), new Away(reason), cloud))
        .isInstanceOf(ProvisionException.class)
        .hasMessage("It does not answer.");
    assertThat(cloud.released()).containsExactly(names("over"));
  }

  @Test
  void oneThatCannotBeEndedIsToldAfterTheOthersOfTheSameToolWereEnded() {
    Cloud cloud = Cloud.of(machine("stuck"), machine("over")).thatCannotEnd("stuck");

    assertThatThrownBy(() -> ended(Map.of("stuck", false, "over", false), cloud))
        .isInstanceOf(ProvisionException.class)
        .hasMessageContaining(names("stuck")[0] + " may still cost");
    assertThat(cloud.released()).containsExactly(names("over"));
  }

  @Test
  void whereThereAreNoMachinesTheServiceIsNotAsked() throws Exception {
    Experiments asked =
        new Experiments() {
          @Override
          public Map<String, Boolean> known() {
            throw new AssertionError("asked for nothing");
          }

          @Override
          public void lookForOrphans() {}
        };

    assertThat(new Orphans(List.of(Cloud.of()), asked, Clock.systemUTC()).end(line -> {}))
        .isEmpty();
  }
}
