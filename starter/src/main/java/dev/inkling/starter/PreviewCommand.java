package dev.inkling.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.generate.Prompts;
import dev.inkling.plan.ModelReference;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.plan.Task;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.Suggestion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inkling preview}: what teachers would be asked; nobody is asked. */
@Command(
    name = "preview",
    description = "Show the prompts of a dataset and what its teacher is told; asks nobody.",
    mixinStandardHelpOptions = true)
final class PreviewCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Parameters(paramLabel = "SPEC", description = "A preset or a YAML or JSON file.")
  private String spec = "";

  @Option(names = "--set", paramLabel = "path=value", description = "Change the spec.")
  private List<String> changes = List.of();

  @Option(names = "--dataset", paramLabel = "NAME", description = "Only this dataset.")
  private Optional<String> dataset = Optional.empty();

  @Option(
      names = "-n",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many prompts (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(names = "--json", description = "One JSON object a line: dataset, index, system, prompt.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (count < 1) {
      throw new IllegalArgumentException("-n is how many prompts, at least 1");
    }
    Plan plan = SpecSource.of(spec, changes).plan();
    long seed = plan.spec().seeds().getFirst();
    Map<String, Stage> sampled =
        plan.stages().stream()
            .filter(s -> s.task() instanceof Task.Sample t && t.teacher().isPresent())
            .filter(s -> s.seeds().contains(seed))
            .collect(Collectors.toMap(s -> called(s, plan), s -> s, (a, _) -> a));
    if (sampled.isEmpty()) {
      throw new UserException(Main.BAD_INPUT, "No dataset of this experiment asks prompts.");
    }
    if (dataset.isPresent() && !sampled.containsKey(dataset.get())) {
      throw new UserException(
          Main.BAD_INPUT,
          "No dataset '"
              + dataset.get()
              + "' asks prompts"
              + Suggestion.among(dataset.get(), sampled.keySet()));
    }
    for (String name : plan.spec().datasets().keySet()) {
      Stage stage = sampled.get(name);
      if (stage != null && (dataset.isEmpty() || dataset.get().equals(name))) {
        show(name, stage, seed);
      }
    }
    return 0;
  }

  /** The dataset's name in the spec: a stage's bears its seed where there are several. */
  private static String called(Stage stage, Plan plan) {
    return plan.spec().datasets().keySet().stream()
        .filter(name -> stage.name().equals(name) || stage.name().startsWith(name + " + "))
        .findFirst()
        .orElse(stage.name());
  }

  private void show(String name, Stage stage, long seed) throws IOException {
    Task.Sample task = (Task.Sample) stage.task();
    DatasetSpec.OfRows rows = task.dataset();
    Optional<String> system = task.teacher().flatMap(ModelReference::system);
    if (!json) {
      System.out.println("Dataset '" + name + "', seed " + seed);
      System.out.println("System prompt: " + system.orElse("none"));
    }
    try (Prompts prompts = Prompts.of(rows, stage.directory().map(Path::of), seed)) {
      for (int i = 0; i < count && prompts.hasNext(); i++) {
        System.out.println(
            json ? line(name, i, system, prompts.next()) : i + ": " + prompts.next());
      }
    }
  }

  private static String line(String name, int index, Optional<String> system, String prompt) {
    ObjectNode line = JSON.createObjectNode().put("dataset", name).put("index", index);
    system.ifPresent(s -> line.put("system", s));
    return line.put("prompt", prompt).toString();
  }
}
