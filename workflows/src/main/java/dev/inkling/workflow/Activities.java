package dev.inkling.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.plan.Plan;
import io.temporal.activity.ActivityInterface;
import io.temporal.activity.ActivityMethod;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an experiment asks of a worker: its stages, and what comes before and after them. */
@ActivityInterface
public interface Activities extends StageActivities {
  /**
   * Resolves a spec: preset, defaults, keys. Fails with {@link Failures#INVALID_SPEC} and every
   * problem.
   */
  @ActivityMethod(name = "Plan")
  Plan plan(@Nullable JsonNode spec);

  /**
   * Checks every point of a sweep. Fails with {@link Failures#INVALID_SPEC}, naming the points that
   * cannot be run.
   */
  @ActivityMethod(name = "PlanSweep")
  SweepPlan planSweep(@Nullable JsonNode sweep);

  /**
   * Asks each provider whether the models of a plan exist and may be asked, before anything is
   * paid.
   *
   * @return what people should know all the same, for example that a model is shut down soon
   */
  @ActivityMethod(name = "Preflight")
  List<String> preflight(Plan plan);

  /**
   * Ends what a stage has under way at a provider, jobs and batches; its experiment was cancelled.
   */
  @ActivityMethod(name = "Withdraw")
  void withdraw(StageRequest request);

  /**
   * Makes the figure, the table and the page.
   *
   * @param machines null where none were made for the experiment
   */
  @ActivityMethod(name = "Report")
  ReportResult report(Plan plan, @Nullable MachineUse machines);
}
