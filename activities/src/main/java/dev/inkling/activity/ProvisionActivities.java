package dev.inkling.activity;

import dev.inkling.crash.CrashPoint;
import dev.inkling.provision.Attempt;
import dev.inkling.provision.Experiments;
import dev.inkling.provision.Orphans;
import dev.inkling.provision.Provider;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.workflow.Cluster;
import dev.inkling.workflow.ClusterActivities;
import dev.inkling.workflow.ClusterRequest;
import dev.inkling.workflow.Failures;
import dev.inkling.workflow.StageBeat;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.ActivityCompletionException;
import io.temporal.client.ActivityNotExistsException;
import io.temporal.failure.ApplicationFailure;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The activities about machines: each calls a provider and says in Temporal's words how it ended.
 */
public final class ProvisionActivities implements ClusterActivities {
  private static final Logger log = LoggerFactory.getLogger(ProvisionActivities.class);
  private static final Duration BEAT = Duration.ofMillis(500);

  /**
   * A machine that waits for its turn is looked at so often; providers ask not to be asked more.
   */
  private static final Duration LOOK = Duration.ofSeconds(10);

  private final Map<String, Provider> providers;
  private final Experiments experiments;
  private final Orphans orphans;

  /** Over these providers. */
  public ProvisionActivities(List<Provider> providers, Experiments experiments) {
    this.providers = new TreeMap<>();
    providers.forEach(provider -> this.providers.put(provider.name(), provider));
    this.experiments = experiments;
    this.orphans = new Orphans(providers, experiments, Clock.systemUTC());
  }

  @Override
  public Cluster ensure(ClusterRequest request) {
    Cluster cluster =
        attended(
            request.name(),
            progress -> {
              experiments.lookForOrphans();
              CrashPoint.MACHINE_ASKED.reached();
              Cluster made = provider(request).ensure(request, progress);
              CrashPoint.MACHINE_MADE.reached();
              return made;
            });
    if (cluster.state() == Cluster.State.PENDING) {
      String message = "%s waits for its machine: %s".formatted(cluster.name(), cluster.detail());
      throw Failures.LATER.after(LOOK, message, StageBeat.of(cluster.name(), message));
    }
    return cluster;
  }

  @Override
  public Cluster describe(ClusterRequest request) {
    return attended(request.name(), _ -> provider(request).describe(request));
  }

  @Override
  public void release(ClusterRequest request) {
    attended(
        request.name(),
        progress -> {
          try {
            provider(request).release(request.name(), request.generation(), progress);
          } catch (ProvisionException e) {
            // Whoever gives it back ends after it: another worker may have the tool or the login.
            throw new ProvisionException(Reason.UNAVAILABLE, String.valueOf(e.getMessage()));
          }
          CrashPoint.MACHINE_ENDED.reached();
          return request.name();
        });
  }

  @Override
  public List<String> sweep() {
    return attended("all machines", orphans::end);
  }

  private Provider provider(ClusterRequest request) {
    String name = request.compute().provider();
    Provider provider = providers.get(name);
    if (provider == null) {
      throw new IllegalStateException("there is no provider " + name);
    }
    return provider;
  }

  /** What is done with a provider. */
  private interface Call<T> {
    T run(Attempt attempt) throws ProvisionException, InterruptedException;
  }

  /**
   * Makes a call in a thread of its own, and says meanwhile that the activity is alive and what the
   * tool said last. Whoever is cancelled interrupts the call, which cleans up behind itself.
   */
  private static <T> T attended(String key, Call<T> call) {
    ActivityExecutionContext context = Activity.getExecutionContext();
    String[] last = {""};
    AtomicBoolean replaced = new AtomicBoolean();
    Attempt attempt =
        new Attempt() {
          @Override
          public void accept(String line) {
            log.info("{}: {}", key, line);
            last[0] = line;
          }

          @Override
          public boolean replaced() {
            return replaced.get();
          }
        };
    FutureTask<T> result = new FutureTask<>(() -> call.run(attempt));
    Thread thread = Thread.ofVirtual().name("machines").start(result);
    try {
      while (true) {
        try {
          return result.get(BEAT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          context.heartbeat(StageBeat.of(key, last[0]));
        }
      }
    } catch (ActivityNotExistsException e) {
      replaced.set(goesOn(context));
      throw e;
    } catch (ExecutionException e) {
      throw said(key, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failures.WORKER_LOST.handedBack("The worker was told to stop.");
    } finally {
      thread.interrupt();
      awaitEnd(thread, () -> context.heartbeat(StageBeat.of(key, "cleans up: " + last[0])));
    }
  }

  /**
   * Whether the workflow runs to which this attempt is nothing any more. It was silent for too
   * long, as on a laptop that slept, and a later one has what it began; only a workflow that is
   * over has nobody.
   */
  private static boolean goesOn(ActivityExecutionContext context) {
    try {
      return context
              .getWorkflowClient()
              .newUntypedWorkflowStub(context.getInfo().getWorkflowId())
              .describe()
              .getStatus()
          == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
    } catch (RuntimeException e) {
      return true; // the machine has an end of its own
    }
  }

  /**
   * The call cleans up, for minutes at most; nobody else may begin before, so it must not be taken
   * for dead meanwhile.
   */
  private static void awaitEnd(Thread thread, Runnable beat) {
    boolean interrupted = Thread.interrupted();
    boolean ended = false;
    while (!ended) {
      try {
        ended = thread.join(BEAT);
        if (!ended) {
          beat.run();
        }
      } catch (ActivityCompletionException e) {
        // Whoever cancelled it says so with each beat.
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static RuntimeException said(String key, Throwable cause) {
    return switch (cause) {
      case ProvisionException e -> said(key, e);
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> Failures.WORKER_LOST.handedBack("The worker was told to stop.");
    };
  }

  private static ApplicationFailure said(String key, ProvisionException e) {
    String message = String.valueOf(e.getMessage());
    return switch (e.reason()) {
      case NO_CAPACITY -> Failures.NO_CAPACITY.of(message);
      case NO_CREDENTIALS -> Failures.MISSING_CREDENTIAL.of(message);
      case QUOTA, BAD_REQUEST, UNREADABLE, NO_TOOL -> Failures.REFUSED_BY_PROVIDER.of(message);
      case UNAVAILABLE -> Failures.LATER.after(LOOK, message, StageBeat.of(key, message));
    };
  }
}
