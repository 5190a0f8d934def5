package dev.inkling.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.serve.TemporalView;
import dev.inkling.workflow.Attributes;
import dev.inkling.workflow.Experiment;
import dev.inkling.workflow.Sweep;
import io.temporal.client.WorkflowExecutionMetadata;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inkling status}. */
@Command(
    name = "status",
    description = "List the experiments and the sweeps, or show one.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LINE = "%-38s %-10s %-10s %-21s %s";

  @Parameters(arity = "0..1", paramLabel = "ID", description = "One experiment or sweep only.")
  private Optional<String> id = Optional.empty();

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    try (Session session = Session.open(Main.home(), false, Session::tell, Optional.empty())) {
      List<WorkflowExecutionMetadata> found;
      // Names of experiments hold no quotes; other ids are simply not found. A long sweep goes on
      // in new runs of the same id, of which the last one counts.
      String query =
          "WorkflowType IN ('"
              + Experiment.TYPE
              + "', '"
              + Sweep.TYPE
              + "') AND ExecutionStatus != 'ContinuedAsNew'"
              + id.map(i -> " AND WorkflowId = '" + i.replace("'", "") + "'").orElse("");
      try (Stream<WorkflowExecutionMetadata> executions =
          session.connection().client().listExecutions(query)) {
        found = executions.toList();
      }
      if (found.isEmpty() && id.isPresent()) {
        throw new UserException(
            Main.BAD_INPUT,
            "There is no experiment or sweep '" + id.get() + "'. See: inkling status");
      }
      if (json) {
        ArrayNode list = JSON.createArrayNode();
        found.forEach(e -> list.add(node(session, e)));
        System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(list));
      } else if (found.isEmpty()) {
        System.out.println("No experiments yet. Start one with: ./inkling run mnist");
      } else {
        System.out.printf(LINE + "%n", "id", "kind", "state", "started", "preset");
        found.forEach(e -> System.out.println(line(e)));
      }
      return 0;
    }
  }

  private static String line(WorkflowExecutionMetadata e) {
    String started = e.getStartTime().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString();
    return String.format(
        LINE,
        e.getExecution().getWorkflowId(),
        kind(e),
        TemporalView.state(e),
        started,
        attribute(e, Attributes.PRESET.getName()));
  }

  private static String kind(WorkflowExecutionMetadata e) {
    return e.getWorkflowType().toLowerCase(Locale.ROOT);
  }

  private static ObjectNode node(Session session, WorkflowExecutionMetadata e) {
    String id = e.getExecution().getWorkflowId();
    ObjectNode node = JSON.createObjectNode().put("id", id).put("kind", kind(e));
    node.put("state", TemporalView.state(e));
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
