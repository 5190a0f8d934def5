package dev.inkling.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.inkling.plan.Stage;
import dev.inkling.spec.Budget;
import java.util.Optional;

/**
 * What the workflow asks of a stage.
 *
 * @param allowance what the stage may spend in all, if the experiment has a budget
 */
public record StageRequest(
    String experiment,
    Stage stage,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Budget> allowance) {
  public StageRequest {
    // Requests from before there were budgets have none.
    allowance = allowance == null ? Optional.empty() : allowance;
  }
}
