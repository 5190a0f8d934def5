package dev.inkling.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code inkling artifacts}. */
@Command(name = "artifacts", description = "Look into the store.", mixinStandardHelpOptions = true)
final class ArtifactsCommand implements Runnable {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "list, show KEY, or verify?");
  }

  @Command(
      name = "list",
      description = "List the artifacts, newest first.",
      mixinStandardHelpOptions = true)
  int list(@Option(names = "--json", description = "As JSON.") boolean json) throws Exception {
    List<Manifest> manifests = Main.home().store().list();
    if (json) {
      ArrayNode all = JSON.createArrayNode();
      manifests.forEach(m -> all.addPOJO(m));
      System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all));
      return 0;
    }
    System.out.printf("%-12s  %-15s %-24s %10s  %s%n", "key", "stage", "name", "size", "outcome");
    for (Manifest m : manifests) {
      System.out.printf(
          "%-12s  %-15s %-24s %10s  %s%n",
          m.key().substring(0, 12), m.stage(), m.name(), size(m.bytes()), m.summary());
    }
    return 0;
  }

  @Command(
      name = "show",
      description = "Print an artifact's manifest.",
      mixinStandardHelpOptions = true)
  int show(@Parameters(paramLabel = "KEY", description = "A key or its beginning.") String key)
      throws Exception {
    Store store = Main.home().store();
    System.out.println(
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(named(store, key, "")));
    return 0;
  }

  /**
   * The artifact whose key begins so.
   *
   * @param otherwise what else the word could have been and is not, for the message
   */
  static Manifest named(Store store, String key, String otherwise) throws UserException {
    List<Manifest> found = store.list().stream().filter(m -> m.key().startsWith(key)).toList();
    if (found.size() != 1) {
      String what =
          found.isEmpty() ? "No artifact's key begins" : found.size() + " artifacts' keys begin";
      throw new UserException(
          Main.BAD_INPUT,
          what + " with '" + key + "'" + otherwise + ". See: inkling artifacts list");
    }
    return found.getFirst();
  }

  @Command(
      name = "verify",
      description = "Read every file again and compare it with its hash.",
      mixinStandardHelpOptions = true)
  int verify() {
    Store store = Main.home().store();
    List<Store.Finding> findings = store.verify();
    findings.forEach(f -> System.out.println("damaged  " + f.key() + "  " + f.problem()));
    System.out.println(
        findings.isEmpty()
            ? "All " + store.list().size() + " artifacts are as they were published."
            : findings.size() + " damaged; each is made again when an experiment next needs it.");
    return findings.isEmpty() ? 0 : Main.FAILED;
  }

  static String size(long bytes) {
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
