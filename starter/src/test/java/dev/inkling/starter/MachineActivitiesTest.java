package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.activity.ProvisionActivities;
import dev.inkling.provision.Attempt;
import dev.inkling.provision.Experiments;
import dev.inkling.provision.Provider;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.spec.Compute;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.ClusterActivities;
import dev.inkling.workflow.ClusterRequest;
import dev.inkling.workflow.Failures;
import io.temporal.activity.ActivityOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a workflow hears what a provider of machines says. */
@Timeout(60)
class MachineActivitiesTest {
  private static final ClusterRequest REQUEST =
      new ClusterRequest(
          "owls-0123456789",
          "owls-0123456789",
          2,
          new Compute.Modal(
              Compute.Precision.BF16, 1, "H100:1", "inkling", 10, 1, Optional.empty(), 1));

  private final TestActivityEnvironment environment = TestActivityEnvironment.newInstance();

  @AfterEach
  void close() {
    environment.close();
  }

  /** What a provider does when it is asked for a machine or for the end of one. */
  @FunctionalInterface
  private interface Answer {
    Cluster give() throws ProvisionException;
  }

  private record Answering(Answer answer) implements Provider {
    @Override
    public String name() {
      return "modal";
    }

    @Override
    public Cluster ensure(ClusterRequest request, Attempt attempt) throws ProvisionException {
      return answer.give();
    }

    @Override
    public Cluster describe(ClusterRequest request) throws ProvisionException {
      return answer.give();
    }

    @Override
    public void release(String name, int newest, Consumer<String> progress)
        throws ProvisionException {
      answer.give();
    }

    @Override
    public List<Cluster> list() {
      return List.of();
    }

    @Override
    public String render(ClusterRequest request) {
      return "";
    }
  }

  private static final class Nobodys implements Experiments {
    @Override
    public Map<String, Boolean> known() {
      return Map.of();
    }

    @Override
    public void lookForOrphans() {}
  }

  private ClusterActivities activities(Answer answer) {
    environment.registerActivitiesImplementations(
        new ProvisionActivities(List.of(new Answering(answer)), new Nobodys()));
    return environment.newActivityStub(
        ClusterActivities.class,
        ActivityOptions.newBuilder().setStartToCloseTimeout(Duration.ofSeconds(30)).build());
  }

  private static void failsWith(Failures type, ActivityFailure failure) {
    assertThat(failure.getCause())
        .isInstanceOfSatisfying(
            ApplicationFailure.class,
            cause -> {
              assertThat(cause.getType()).isEqualTo(type.type());
              assertThat(cause.getOriginalMessage()).isEqualTo("not here");
            });
  }

  /** Where one ordinary worker has no tool or no login, another one may have it. */
  @ParameterizedTest
  @EnumSource(
      value = Reason.class,
      names = {"NO_TOOL", "UNREADABLE", "NO_CREDENTIALS", "UNAVAILABLE"})
  void aMachineThatCannotBeGivenBackHereIsTriedAgain(Reason reason) {
    ClusterActivities activities =
        activities(
            () -> {
              throw new ProvisionException(reason, "not here");
            });

    assertThatThrownBy(() -> activities.release(REQUEST))
        .isInstanceOfSatisfying(ActivityFailure.class, e -> failsWith(Failures.LATER, e));
  }

  @ParameterizedTest
  @EnumSource(
      value = Reason.class,
      names = {"NO_TOOL", "UNREADABLE", "QUOTA", "BAD_REQUEST"})
  void aMachineThatCannotBeMadeIsRefused(Reason reason) {
    ClusterActivities activities =
        activities(
            () -> {
              throw new ProvisionException(reason, "not here");
            });

    assertThatThrownBy(() -> activities.ensure(REQUEST))
        .isInstanceOfSatisfying(
            ActivityFailure.class, e -> failsWith(Failures.REFUSED_BY_PROVIDER, e));
  }

  /** Asked for again it would be made again, and nobody would count. */
  @Test
  void aMachineThatHasEndedIsTold() {
    Cluster ended = Cluster.gone(REQUEST, "modal", "it ended at once");

    assertThat(activities(() -> ended).ensure(REQUEST)).isEqualTo(ended);
  }
}
