package dev.inkling.provision.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.provision.Tool;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/**
 * {@code fake-sky} or {@code fake-modal}, installed into a folder; the programs' heads say what
 * they do. Its machines end with that folder.
 *
 * @param home where it keeps its state
 */
public record FakeCloud(Path program, Path home, String variable) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MODAL = "FAKE_MODAL_HOME";

  /** SkyPilot's stand-in. */
  public static FakeCloud sky(Path folder) throws IOException {
    return install(folder, "fake-sky", "FAKE_SKY_HOME");
  }

  /** Modal's stand-in. */
  public static FakeCloud modal(Path folder) throws IOException {
    return install(folder, "fake-modal", MODAL);
  }

  private static FakeCloud install(Path folder, String name, String variable) throws IOException {
    Path program = Files.createDirectories(folder).resolve(name);
    try (InputStream stream = Objects.requireNonNull(FakeCloud.class.getResourceAsStream(name))) {
      String text = new String(stream.readAllBytes(), UTF_8);
      Files.writeString(program, text.replaceFirst("#!.*", "#!" + Python.PATH), UTF_8);
    }
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return new FakeCloud(
        program, Files.createDirectories(folder.resolve(name + "-home")), variable);
  }

  /**
   * Python itself: on the PATH may be a script that looks for it, which takes longer than a call.
   */
  private static final class Python {
    static final String PATH = path();

    private static String path() {
      try {
        Process process =
            new ProcessBuilder("python3", "-c", "import sys; print(sys.executable)").start();
        return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
      } catch (IOException e) {
        throw new UncheckedIOException("the stand-ins need python3", e);
      }
    }
  }

  /** What its command needs in its environment; this process's Java is the one on its machines. */
  public Map<String, String> environment() {
    return Map.of(variable, home.toString(), "JAVA_HOME", System.getProperty("java.home"));
  }

  /** The tool. */
  public Tool tool() {
    return new Tool(List.of(program.toString()), environment());
  }

  /** The tool, which leaves out what ends a machine by itself. */
  public Tool toolWithoutWatchdog() {
    Map<String, String> all = new HashMap<>(environment());
    all.put(variable.replace("_HOME", "_NO_WATCHDOG"), "1");
    return new Tool(List.of(program.toString()), all);
  }

  /** Says what it does from now on, as JSON. */
  public void behave(String json) throws IOException {
    Path part = home.resolve("behaviour.json.test");
    Files.writeString(part, JSON.readTree(json).toString(), UTF_8);
    Files.move(part, home.resolve("behaviour.json"), StandardCopyOption.REPLACE_EXISTING);
  }

  /** What it was told, as far as it has not done that yet. */
  public JsonNode behaviour() throws IOException {
    return JSON.readTree(home.resolve("behaviour.json").toFile());
  }

  /** Makes a secret of Modal. */
  public void secret(String name, Map<String, String> values) throws IOException {
    Files.createDirectories(home.resolve("secrets"));
    Files.writeString(
        home.resolve("secrets").resolve(name),
        values.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue() + "\n")
            .collect(Collectors.joining()),
        UTF_8);
  }

  /** Takes a machine away, as a cloud does with a spot machine. */
  public void take(String cluster) throws Exception {
    tell("take", cluster);
  }

  /** Loses sight of a machine of SkyPilot: it counts as gone, and lives on. */
  public void lose(String cluster) throws Exception {
    tell("lose", cluster);
  }

  private void tell(String what, String cluster) throws Exception {
    Tool.Ended ended = tool().call(Duration.ofSeconds(30), line -> {}, List.of(what, cluster));
    if (ended.code() != 0) {
      throw new IllegalStateException(ended.text());
    }
  }

  /** What lives, and may cost, as the tool tells it: names of clusters, or of apps. */
  public List<String> living() throws Exception {
    List<String> living = new ArrayList<>();
    if (modal()) {
      look("app", "list", "--json")
          .forEach(
              app -> {
                if (!app.path("state").asText().equals("stopped")) {
                  living.add(app.path("description").asText());
                }
              });
    } else {
      look("status", "--refresh", "-o", "json")
          .forEach(cluster -> living.add(cluster.path("name").asText()));
    }
    return living;
  }

  private boolean modal() {
    return variable.equals(MODAL);
  }

  private JsonNode look(String... arguments) throws Exception {
    return tool().call(Duration.ofMinutes(1), line -> {}, List.of(arguments)).json();
  }

  /** What happened, in order. */
  public List<JsonNode> ledger() throws IOException {
    Path file = home.resolve("ledger.jsonl");
    List<JsonNode> events = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file, UTF_8)) {
        events.add(JSON.readTree(line));
      }
    }
    return events;
  }

  /** The kinds of what happened, in order. */
  public List<String> events() throws IOException {
    return ledger().stream().map(event -> event.path("event").asText()).toList();
  }

  /** How often a machine was made. */
  public int launches() throws IOException {
    return (int) events().stream().filter("launched"::equals).count();
  }

  /** Waits until so many things of a kind have happened. */
  public void await(String event, int times) throws IOException, InterruptedException {
    await(event, times, Duration.ofSeconds(30));
  }

  /** The same for so long. */
  public void await(String event, int times, Duration limit)
      throws IOException, InterruptedException {
    long until = System.nanoTime() + limit.toNanos();
    while (events().stream().filter(event::equals).count() < times) {
      if (System.nanoTime() > until) {
        throw new AssertionError("There was no '" + event + "' number " + times + ": " + ledger());
      }
      Thread.sleep(50);
    }
  }

  /** An archive that runs a class of this process's class path, as the one that is sent does. */
  public static Path archive(Path file, String mainClass) throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(Attributes.Name.MAIN_CLASS, mainClass);
    attributes.put(
        Attributes.Name.CLASS_PATH,
        List.of(System.getProperty("java.class.path").split(File.pathSeparator)).stream()
            .map(entry -> Path.of(entry).toUri().toString())
            .collect(Collectors.joining(" ")));
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file), manifest)) {
      jar.finish();
    }
    return file;
  }
}
