package dev.inkling.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.plan.NoSources;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Planner;
import dev.inkling.plan.Spend;
import dev.inkling.plan.Stage;
import dev.inkling.spec.Budget;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.SpecReader;
import dev.inkling.spec.SweepSpec;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Activities that do nothing but write down that they were called; a test says which of them fail
 * or wait.
 */
final class FakeActivities implements Activities {
  final List<String> calls = new CopyOnWriteArrayList<>();
  final Map<String, AtomicInteger> failures = new ConcurrentHashMap<>();
  final Map<String, Boolean> refusals = new ConcurrentHashMap<>();
  final AtomicInteger atOnce = new AtomicInteger();
  final AtomicInteger mostAtOnce = new AtomicInteger();

  /** How long each stage takes. */
  volatile Duration takes = Duration.ZERO;

  /** How often a stage says that it is to be looked at later, in six hours. */
  final Map<String, AtomicInteger> later = new ConcurrentHashMap<>();

  /** The stage that runs until it is cancelled, the first time it is called. */
  volatile String endless = "";

  /** What a stage that asks models costs; it stops where its allowance ends. */
  volatile double price;

  /** What the report was told of machines. */
  volatile Optional<MachineUse> reported = Optional.empty();

  final CountDownLatch endlessRuns = new CountDownLatch(1);
  volatile boolean stoppedWithCheckpoint;

  @Override
  public Plan plan(@Nullable JsonNode spec) {
    calls.add("Plan");
    try {
      if (spec == null) {
        throw Failures.INVALID_SPEC.of("there is no input");
      }
      return Planner.plan(SpecReader.read(spec), Optional.of("none"), new NoSources());
    } catch (InvalidSpecException e) {
      throw Failures.INVALID_SPEC.of(e.getMessage());
    }
  }

  @Override
  public SweepPlan planSweep(@Nullable JsonNode sweep) {
    calls.add("PlanSweep");
    try {
      int points = SweepSpec.read(sweep).points();
      return new SweepPlan("tiny-sweep-0", "tiny", "Does it pass on?", Optional.empty(), points);
    } catch (InvalidSpecException e) {
      throw Failures.INVALID_SPEC.of(e.getMessage());
    }
  }

  @Override
  public List<String> preflight(Plan plan) {
    calls.add("Preflight");
    return List.of();
  }

  @Override
  public StageResult generateDataset(StageRequest request) {
    return perform(request);
  }

  @Override
  public StageResult filter(StageRequest request) {
    return perform(request);
  }

  @Override
  public StageResult finetune(StageRequest request) {
    return perform(request);
  }

  @Override
  public StageResult evaluate(StageRequest request) {
    return perform(request);
  }

  @Override
  public void withdraw(StageRequest request) {
    calls.add("Withdraw " + request.stage().name());
  }

  private StageResult perform(StageRequest request) {
    Stage stage = request.stage();
    String call = stage.task().activity() + " " + stage.name();
    calls.add(call);
    mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
    try {
      Thread.sleep(takes);
      if (failures.getOrDefault(call, new AtomicInteger()).getAndDecrement() > 0) {
        throw Failures.WORKER_LOST.of("the worker is gone");
      }
      if (later.getOrDefault(call, new AtomicInteger()).getAndDecrement() > 0) {
        String message = "the job is queued";
        throw Failures.LATER.after(
            Duration.ofHours(6), message, StageBeat.of(stage.key(), message));
      }
      if (refusals.containsKey(call)) {
        throw Failures.STORE_UNUSABLE.of("The disk is full.");
      }
      if (call.equals(endless)) {
        endless = "";
        untilCancelled(Activity.getExecutionContext());
      }
      Optional<Spend> spend = Optional.empty();
      if (!stage.models().isEmpty()) {
        double allowed = request.allowance().flatMap(Budget::usd).orElse(price);
        spend = Optional.of(new Spend(1, 0, 10, 10, Optional.of(Math.min(price, allowed))));
        if (allowed < price) {
          throw Failures.BUDGET_EXCEEDED.of("the budget ends here", spend.get());
        }
      }
      return new StageResult(stage.key(), false, "made " + stage.name(), spend);
    } catch (InterruptedException e) {
      throw Activity.wrap(e);
    } finally {
      atOnce.decrementAndGet();
    }
  }

  private void untilCancelled(ActivityExecutionContext context) {
    endlessRuns.countDown();
    try {
      while (true) {
        context.heartbeat("working");
        TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (InterruptedException e) {
      throw Activity.wrap(e);
    } finally {
      stoppedWithCheckpoint = true;
    }
  }

  @Override
  public ReportResult report(Plan plan, @Nullable MachineUse machines) {
    calls.add("Report");
    reported = Optional.ofNullable(machines);
    return new ReportResult(
        plan.reportKey(),
        false,
        "/reports/" + plan.id(),
        List.of(new ExperimentResult.ConditionResult("same", "class 1", 2, 0.5, 0.4, 0.6)));
  }
}
