package dev.inkling.starter;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.preset.Parameter;
import dev.inkling.preset.Presets;
import dev.inkling.spec.Suggestion;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inkling presets}. */
@Command(
    name = "presets",
    description = "List the presets, or show one.",
    mixinStandardHelpOptions = true)
final class PresetsCommand implements Callable<Integer> {
  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (json) {
      System.out.println(
          new com.fasterxml.jackson.databind.ObjectMapper().writeValueAsString(Presets.names()));
      return 0;
    }
    for (String name : Presets.names()) {
      String first = Presets.text(name).lines().findFirst().orElse("");
      System.out.printf("%-26s %s%n", name, first.replaceFirst("^#\\s*", ""));
      Presets.parameters(name).forEach(PresetsCommand::print);
    }
    System.out.println(
        "\nRun one with: ./inkling run NAME. Its file: ./inkling presets show NAME."
            + " What is indented can be chosen: --set target=cat");
    return 0;
  }

  private static void print(Parameter parameter) {
    String value = parameter.byDefault().map(PresetsCommand::plain).orElse("must be given");
    System.out.printf("%-28s %s (%s): %s%n", "", parameter.name(), value, parameter.meaning());
  }

  private static String plain(JsonNode value) {
    return value.isArray()
        ? value.valueStream().map(JsonNode::asText).collect(Collectors.joining(", "))
        : value.asText();
  }

  @Command(name = "show", description = "Print a preset's file.", mixinStandardHelpOptions = true)
  int show(@Parameters(paramLabel = "NAME") String name) throws UserException {
    List<String> known = Presets.names();
    if (!known.contains(name)) {
      throw new UserException(
          Main.BAD_INPUT, "There is no preset '" + name + "'" + Suggestion.among(name, known));
    }
    System.out.print(Presets.text(name));
    return 0;
  }
}
