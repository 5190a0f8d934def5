package dev.inkling.server;

import dev.inkling.workflow.Experiment;
import io.temporal.api.common.v1.WorkflowExecution;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Pages of the Temporal UI.
 *
 * @param ui the UI's address, without a slash at the end
 */
public record TemporalPages(String ui, String namespace) {
  /** The page of one run. */
  public String of(WorkflowExecution execution) {
    return start() + segment(execution.getWorkflowId()) + "/" + execution.getRunId();
  }

  /** The form that starts an experiment, type and queue filled in. */
  public String form() {
    return start()
        + "start-workflow?workflowType="
        + Experiment.TYPE
        + "&taskQueue="
        + Experiment.TASK_QUEUE;
  }

  private String start() {
    return ui + "/namespaces/" + segment(namespace) + "/workflows/";
  }

  /** A text as one segment of an address. */
  public static String segment(String any) {
    return URLEncoder.encode(any, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
