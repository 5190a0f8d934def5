package dev.inkling.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.serve.TemporalView;
import dev.inkling.workflow.Attributes;
import dev.inkling.workflow.Experiment;
import io.temporal.client.WorkflowExecutionMetadata;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inkling status}. */
@Command(
    name = "status",
    description = "List the experiments, or show one.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Parameters(arity = "0..1", paramLabel = "ID", description = "One experiment only.")
  private Optional<String> id = Optional.empty();

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    try (Session session = Session.open(Main.home(), false, Session::tell, Optional.empty())) {
      List<WorkflowExecutionMetadata> found;
      // Names of experiments hold no quotes; other ids are simply not found.
      String query =
          "WorkflowType = '"
              + Experiment.TYPE
              + "'"
              + id.map(i -> " AND WorkflowId = '" + i.replace("'", "") + "'").orElse("");
      try (Stream<WorkflowExecutionMetadata> executions =
          session.connection().client().listExecutions(query)) {
        found = executions.toList();
      }
      if (found.isEmpty() && id.isPresent()) {
        throw new UserException(
            Main.BAD_INPUT, "There is no experiment '" + id.get() + "'. See: inkling status");
      }
      if (json) {
        ArrayNode list = JSON.createArrayNode();
        found.forEach(e -> list.add(node(session, e)));
        System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(list));
      } else if (found.isEmpty()) {
        System.out.println("No experiments yet. Start one with: ./inkling run mnist");
      } else {
        System.out.printf("%-32s %-10s %-21s %s%n", "experiment", "state", "started", "preset");
        found.forEach(e -> System.out.println(line(e)));
      }
      return 0;
    }
  }

  private static String line(WorkflowExecutionMetadata e) {
    String started = e.getStartTime().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString();
    return String.format(
        "%-32s %-10s %-21s %s",
        e.getExecution().getWorkflowId(),
        TemporalView.state(e),
        started,
        attribute(e, Attributes.PRESET.getName()));
  }

  private static ObjectNode node(Session session, WorkflowExecutionMetadata e) {
    String id = e.getExecution().getWorkflowId();
    ObjectNode node = JSON.createObjectNode().put("id", id).put("state", TemporalView.state(e));
    node.put("started", e.getStartTime().toString());
    node.put("preset", attribute(e, Attributes.PRESET.getName()));
    session.page(e.getExecution()).ifPresent(p -> node.put("ui", p));
    return node;
  }

  private static String attribute(WorkflowExecutionMetadata e, String name) {
    var key = io.temporal.common.SearchAttributeKey.forKeyword(name);
    String value = e.getTypedSearchAttributes().get(key);
    return value == null ? "" : value;
  }
}
