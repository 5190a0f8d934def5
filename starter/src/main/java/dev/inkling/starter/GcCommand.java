package dev.inkling.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Garbage;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.report.Report;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.worker.Home;
import dev.inkling.workflow.Experiment;
import io.temporal.client.WorkflowExecutionMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code inkling gc}: removes what no experiment needs. An experiment needs its stages' artifacts
 * until it is forgotten, so that it can be resumed and amended; a running one cannot be forgotten.
 */
@Command(
    name = "gc",
    description = "Show artifacts that no experiment needs, and remove them with --yes.",
    mixinStandardHelpOptions = true)
final class GcCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(
      names = "--forget",
      paramLabel = "ID",
      description = "An experiment that is needed no more; may be given several times.")
  private List<String> forget = List.of();

  @Option(names = "--yes", description = "Remove them.")
  private boolean yes;

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    Specs specs = new Specs(home);
    Store store = home.store();
    Map<String, Set<String>> needs = reported(store);
    for (String id : specs.ids()) {
      add(needs, id, forget.contains(id) ? Set.of() : keys(id, specs.find(id)));
    }
    for (String id : store.planned()) {
      // Started elsewhere, in the Temporal UI for example: what it needs stands in its plan.
      if (!needs.containsKey(id)) {
        add(needs, id, store.plan(id).map(GcCommand::keys).orElse(Set.of()));
      }
    }
    try (Session session = Session.open(home, false, Session::tell, Optional.empty())) {
      Set<String> running = running(session);
      for (String id : running) {
        add(needs, id, keys(id, specs.find(id)));
      }
      for (String id : forget) {
        if (running.contains(id)) {
          throw new UserException(
              Main.BAD_INPUT, id + " is running. First: ./inkling cancel " + id);
        }
        if (needs.remove(id) == null) {
          throw new UserException(Main.BAD_INPUT, "There is no experiment '" + id + "' here.");
        }
      }
    }
    Garbage garbage = store.garbage();
    List<Garbage.Item> items =
        garbage.besides(needs.values().stream().flatMap(Set::stream).collect(Collectors.toSet()));
    show(store, items, needs.size());
    if (yes) {
      for (String id : forget) {
        specs.forget(id);
        store.forget(id);
      }
      for (Garbage.Item item : items) {
        garbage.remove(item);
      }
      System.out.println("Removed.");
    } else if (!items.isEmpty()) {
      System.out.println("Nothing is removed yet. To remove them: the same command with --yes");
    }
    return 0;
  }

  /** What the reports in the store rest on, whatever version made them. */
  private static Map<String, Set<String>> reported(Store store) throws IOException {
    Map<String, Set<String>> needs = new LinkedHashMap<>();
    for (Manifest m : store.list()) {
      Optional<Artifact> report = m.reportOf().flatMap(_ -> store.find(m.key()));
      if (report.isPresent()) {
        Set<String> keys = new HashSet<>(Set.of(m.key()));
        JSON.readTree(Files.readAllBytes(report.get().file(Report.RESULTS)))
            .at("/provenance/stages")
            .forEach(stage -> keys.add(stage.path("key").asText()));
        add(needs, m.reportOf().orElseThrow(), keys);
      }
    }
    return needs;
  }

  private static void add(Map<String, Set<String>> needs, String id, Set<String> keys) {
    needs.computeIfAbsent(id, _ -> new HashSet<>()).addAll(keys);
  }

  private static void show(Store store, List<Garbage.Item> items, int experiments) {
    Map<String, Manifest> manifests = new HashMap<>();
    store.list().forEach(m -> manifests.put(m.key(), m));
    for (Garbage.Item item : items) {
      Manifest m = manifests.get(item.key());
      System.out.printf(
          "%-12s  %-10s %-15s %-24s %10s%n",
          item.key().substring(0, Math.min(12, item.key().length())),
          item.kind().word(),
          m == null ? "" : m.stage(),
          m == null ? "" : m.name(),
          ArtifactsCommand.size(item.bytes()));
    }
    System.out.println(
        items.size()
            + " not needed by the "
            + experiments
            + " experiments here: "
            + ArtifactsCommand.size(items.stream().mapToLong(Garbage.Item::bytes).sum()));
  }

  /** What an experiment needs: its stages' artifacts and its report. */
  private static Set<String> keys(String id, ObjectNode document) throws UserException {
    try {
      return keys(SpecSource.of(document).plan());
    } catch (InvalidSpecException e) {
      throw new UserException(
          Main.FAILED,
          "It is unknown what "
              + id
              + " needs, so nothing is removed: its spec cannot be read by this version ("
              + e.getMessage()
              + "). To give it up: ./inkling gc --forget "
              + id);
    }
  }

  private static Set<String> keys(Plan plan) {
    Set<String> keys = plan.stages().stream().map(Stage::key).collect(Collectors.toSet());
    keys.add(plan.reportKey());
    return keys;
  }

  private static Set<String> running(Session session) throws IOException {
    try (Stream<WorkflowExecutionMetadata> open =
        session
            .connection()
            .client()
            .listExecutions(
                "WorkflowType = '" + Experiment.TYPE + "' AND ExecutionStatus = 'Running'")) {
      return open.map(e -> e.getExecution().getWorkflowId())
          .collect(Collectors.toCollection(HashSet::new));
    }
  }
}
