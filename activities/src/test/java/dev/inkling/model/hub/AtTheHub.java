package dev.inkling.model.hub;

import dev.inkling.hub.FakeHub;
import dev.inkling.hub.Repository;
import dev.inkling.hub.Seen;
import dev.inkling.stage.Monitor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A test with a Hub that has one small model, and an empty cache. */
@Timeout(60)
abstract class AtTheHub {
  static final String NAME = "owner/tiny";
  static final ModelId.OnHub ID = new ModelId.OnHub(NAME, "main");

  /** Little waiting, since nothing is far away. */
  static final Retries QUICK =
      new Retries(4, Duration.ofMillis(5), Duration.ofSeconds(3), Duration.ofSeconds(20));

  @TempDir Path directory;
  final Notes notes = new Notes();
  final byte[] weights = bytes(3_000_000);
  FakeHub server;
  Repository model;
  String commit = "";

  /** What a monitor hears. */
  static final class Notes implements Monitor {
    final List<String> texts = new ArrayList<>();
    final List<Long> done = new ArrayList<>();
    long total;

    @Override
    public void progress(long bytes, long of, String unit, Optional<Double> loss) {
      done.add(bytes);
      total = of;
    }

    @Override
    public void note(String text) {
      texts.add(text);
    }
  }

  static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void openHub() throws IOException {
    server = new FakeHub();
    model = server.repository(NAME);
    model.add("config.json", "{\"model_type\": \"llama\"}");
    model.add("tokenizer.json", "{\"version\": \"1.0\", \"ä\": 1}");
    model.add("README.md", "# tiny");
    model.addLarge("pytorch_model.bin", bytes(1000));
    commit = model.addLarge("model.safetensors", weights);
  }

  @AfterEach
  void closeHub() {
    server.close();
  }

  /** Variables that lead to the fake and to a cache of this test. */
  Map<String, String> environment(String... more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("HF_ENDPOINT", server.endpoint().toString());
    environment.put("HF_HOME", directory.resolve("hf").toString());
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return environment;
  }

  HubSettings settings(String... more) {
    Map<String, String> environment = environment(more);
    try {
      return HubSettings.of(name -> Optional.ofNullable(environment.get(name)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  Hub hub(String... more) {
    return new Hub(settings(more), QUICK);
  }

  /** Downloads the model as a worker does. */
  Path download(String... more) throws HubException, InterruptedException {
    try (Hub hub = hub(more)) {
      return hub.snapshot(ID, hub.commit(ID, notes), notes);
    }
  }

  Path repository() {
    return directory.resolve("hf/hub/models--owner--tiny");
  }

  List<Seen> asked(String method, String part) {
    return server.seen().stream()
        .filter(s -> s.method().equals(method) && s.path().contains(part))
        .toList();
  }

  /** The content of all files that a test has made, to look for what must not be there. */
  String everythingWritten() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.append(file).append(Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    return all.toString();
  }
}
