package dev.inkling.starter;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.preset.Presets;
import dev.inkling.worker.Home;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code inkling amend}: the experiment with more seeds, or with other changes, as a new one that
 * shares every stage which stays the same. The former one may be done, or still run: then the new
 * one waits for the stages that both need.
 */
@Command(
    name = "amend",
    description = "Add seeds or conditions to an experiment; only what is new is paid for.",
    mixinStandardHelpOptions = true)
final class AmendCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ID", description = "The experiment, as inkling status lists it.")
  private String id = "";

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "SEED",
      description = "More seeds, for example --seeds 4,5.")
  private List<Long> seeds = List.of();

  @Option(
      names = "--set",
      paramLabel = "path=value",
      description = "Another change, for example a further condition.")
  private List<String> changes = List.of();

  @Mixin private final Launch launch = new Launch();

  @Override
  public Integer call() throws Exception {
    if (seeds.isEmpty() && changes.isEmpty()) {
      throw new UserException(
          Main.BAD_INPUT,
          "Nothing to add. For example: inkling amend " + id + " --seeds 4,5, or --set path=value");
    }
    Home home = Main.home();
    ObjectNode document = new Specs(home).find(id);
    if (!seeds.isEmpty()) {
      // Read from the whole spec, because a preset may bring some.
      ArrayNode added = Presets.expand(document).withArray("addedSeeds");
      seeds.forEach(added.addArray()::add);
      document.set("addedSeeds", added);
    }
    SpecSource source = SpecSource.changed(document, changes);
    String amended = source.plan().id();
    System.out.println(
        "Amended: " + id + " goes on as " + amended + "; stages that stay the same are reused.");
    return launch.launch(home, amended, source, "./inkling resume " + amended);
  }
}
