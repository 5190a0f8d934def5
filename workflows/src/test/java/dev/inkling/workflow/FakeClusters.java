package dev.inkling.workflow;

import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Machines that are there when they are asked for, unless a test says otherwise. */
final class FakeClusters implements ClusterActivities {
  final List<String> calls = new CopyOnWriteArrayList<>();

  private final Set<String> made = ConcurrentHashMap.newKeySet();

  /** What runs would begin with; here they begin with 1, which tests can tell beforehand. */
  final List<Integer> begun = new CopyOnWriteArrayList<>();

  /** How many machines are gone when they are looked at. */
  final AtomicInteger taken = new AtomicInteger();

  /** How often there is no capacity. */
  final AtomicInteger fullHouse = new AtomicInteger();

  /** How often the login has expired when a machine is looked at. */
  final AtomicInteger loggedOut = new AtomicInteger();

  /** How many machines have ended when they are asked for. */
  final AtomicInteger endedAtOnce = new AtomicInteger();

  /** The generation of a machine that an earlier run has left; 0 for none. */
  volatile int left;

  /** Whether the spec's limit for capacity has passed. */
  volatile boolean limitPassed;

  /** How long ago a machine was asked for when it is there. */
  volatile Duration age = Duration.ZERO;

  /** Whether its money is used up when it is looked at. */
  volatile boolean usedUp;

  /** The first generation that is refused, for money. */
  volatile int refused = Integer.MAX_VALUE;

  /** What an hour costs; 0 if nobody knows. */
  volatile double price;

  /** What each launch might cost. */
  final List<Optional<Double>> ceilings = new CopyOnWriteArrayList<>();

  @Override
  public Cluster ensure(ClusterRequest request) {
    calls.add("ensure " + request.generation());
    made.add(request.name());
    if (limitPassed) {
      // What a service gives as the reason when no attempt is left in time.
      throw Failures.NO_CAPACITY.last("There is no H100 at RunPod.");
    }
    if (fullHouse.getAndDecrement() > 0) {
      throw Failures.NO_CAPACITY.of("There is no H100 at RunPod.");
    }
    if (request.generation() >= refused) {
      throw Failures.REFUSED_BY_PROVIDER.of("maxUsd pays for too little of it.");
    }
    ceilings.add(request.compute().maxUsd());
    if (endedAtOnce.getAndDecrement() > 0) {
      Instant since = Instant.now().minus(age);
      return Cluster.ended(
          request, "fake", Optional.of(since), Optional.of(price), "ended, see logs/fake.log");
    }
    return cluster(request);
  }

  private Cluster cluster(ClusterRequest request) {
    return new Cluster(
        request.name(),
        request.experiment(),
        "somebody",
        request.generation(),
        Cluster.State.UP,
        "fake",
        "here",
        "H100:1",
        Optional.of(Instant.now().minus(age)),
        Optional.empty(),
        price == 0 ? Optional.empty() : Optional.of(price),
        "");
  }

  @Override
  public Cluster describe(ClusterRequest request) {
    if (!made.contains(request.name())) {
      calls.add("describe 1");
      begun.add(request.generation());
      ClusterRequest first =
          new ClusterRequest(
              request.experiment(), request.workflowId(), Math.max(1, left), request.compute());
      return left == 0 ? Cluster.gone(first, "fake", "") : cluster(first);
    }
    calls.add("describe " + request.generation());
    if (loggedOut.getAndDecrement() > 0) {
      throw Failures.MISSING_CREDENTIAL.of("Type: cloud login");
    }
    if (usedUp) {
      throw Failures.REFUSED_BY_PROVIDER.of("It was taken down: maxUsd pays for no more of it.");
    }
    return taken.getAndDecrement() > 0
        ? Cluster.gone(request, "fake", "taken away")
        : cluster(request);
  }

  @Override
  public void release(ClusterRequest request) {
    calls.add("release " + request.generation());
    made.remove(request.name());
  }

  @Override
  public List<String> sweep() {
    throw ApplicationFailure.newFailure("nobody sweeps here", "Unexpected");
  }
}
