package dev.inkling.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.inkling.plan.Spend;
import java.util.Optional;

/**
 * What a stage tells the workflow; everything big lies in the artifact.
 *
 * @param key the artifact's key
 * @param reused whether the artifact was there already
 * @param summary one line for people
 * @param spend what it has cost to ask language models, over all its attempts
 */
public record StageResult(
    String key,
    boolean reused,
    String summary,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Spend> spend) {
  public StageResult {
    // Results from before language models were asked have none.
    spend = spend == null ? Optional.empty() : spend;
  }
}
