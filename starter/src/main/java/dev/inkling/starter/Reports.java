package dev.inkling.starter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.Artifact;
import dev.inkling.artifact.Manifest;
import dev.inkling.artifact.Store;
import dev.inkling.report.Report;
import dev.inkling.worker.Home;
import dev.inkling.workflow.ReportResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Reports on the terminal, and copies of them. */
final class Reports {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Store store;

  Reports(Home home) {
    this.store = home.store();
  }

  /** The report's artifact of an experiment, the newest one. */
  Optional<Artifact> find(String id) {
    return store.list().stream()
        .filter(m -> m.reportOf().filter(id::equals).isPresent())
        .findFirst()
        .map(Manifest::key)
        .flatMap(store::find);
  }

  /** Prints the table and what the comparisons say, and copies the files. */
  void show(String id, ReportResult report, Optional<Path> out) throws IOException, UserException {
    show(id, Path.of(report.directory()), out);
  }

  void show(String id, Path directory, Optional<Path> out) throws IOException, UserException {
    JsonNode results = JSON.readTree(Files.readAllBytes(directory.resolve(Report.RESULTS)));
    System.out.println();
    System.out.println(table(results));
    for (JsonNode comparison : results.path("comparisons")) {
      System.out.println("- " + comparison.path("sentence").asText());
    }
    System.out.println();
    Path shown = directory;
    if (out.isPresent()) {
      try {
        copy(directory, out.get());
      } catch (IOException e) {
        throw new UserException(
            Main.BAD_INPUT,
            "The report cannot be copied to "
                + out.get()
                + " ("
                + e.getClass().getSimpleName().replace("Exception", "")
                + ": "
                + e.getMessage()
                + "); it is whole in "
                + directory
                + ". Name a directory that can be written with --out.");
      }
      shown = out.get();
    }
    System.out.println("Report: " + shown.resolve(Report.PAGE).toAbsolutePath());
    if (out.isEmpty()) {
      System.out.println("A copy with figures and results: ./inkling report " + id + " --out DIR");
    }
  }

  /** What the machines have taken of the run that made a report, where there were any. */
  Optional<String> machines(Path directory) throws IOException {
    Path file = directory.resolve(Report.MACHINES);
    return Files.exists(file)
        ? Optional.of(
            "Machines: " + JSON.readTree(Files.readAllBytes(file)).path("sentence").asText() + ".")
        : Optional.empty();
  }

  static String table(JsonNode results) {
    int width = 9;
    for (JsonNode c : results.path("conditions")) {
      width = Math.max(width, c.path("name").asText().length());
    }
    StringBuilder table = new StringBuilder();
    String row = "%-" + width + "s  %-12s %5s  %8s  %s";
    table.append(
        String.format(Locale.ROOT, row, "condition", "metric", "n", "mean", "95 % interval"));
    for (JsonNode c : results.path("conditions")) {
      String interval =
          c.path("ciLow").isNull()
              ? "none: n = " + c.path("n").asInt()
              : String.format(
                  Locale.ROOT,
                  "%.4f to %.4f",
                  c.path("ciLow").asDouble(),
                  c.path("ciHigh").asDouble());
      String mean =
          c.path("mean").isNull()
              ? "–"
              : String.format(Locale.ROOT, "%.4f", c.path("mean").asDouble());
      table.append('\n');
      table.append(
          String.format(
              Locale.ROOT,
              row,
              c.path("name").asText(),
              c.path("metric").asText(),
              c.path("n").asInt(),
              mean,
              interval));
    }
    return table.append('\n').toString();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file :
          all.filter(f -> Files.isRegularFile(f, LinkOption.NOFOLLOW_LINKS)).toList()) {
        String name = from.relativize(file).toString();
        if (!name.equals(Manifest.FILE)) {
          Path target = to.resolve(name);
          Files.createDirectories(target.toAbsolutePath().getParent());
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }
}
