package dev.inkling.finetune.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.activity.StageRunner;
import dev.inkling.activity.TinyPlan;
import dev.inkling.artifact.LocalStore;
import dev.inkling.language.LanguageModels;
import dev.inkling.model.ModelException;
import dev.inkling.model.weights.TinyModels;
import dev.inkling.model.weights.Weights;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Stage;
import dev.inkling.stage.Caller;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.TrainingFailedException;
import dev.inkling.tensor.Safetensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Memory that ends: a process whose address space may grow no more. */
@Timeout(300)
class TrainingMemoryTest {
  /** So many tokens that the logits of one step take most of what a step needs. */
  private static final int VOCABULARY = 65_536;

  /** As much as if there were no limit, in MiB. */
  private static final int AMPLE = 1 << 20;

  @TempDir Path home;
  private Path model;

  @BeforeEach
  void model() throws Exception {
    assumeTrue(Files.isReadable(Path.of("/proc/self/status")), "needs Linux");
    model(VOCABULARY);
  }

  private void model(int vocabulary) throws Exception {
    model = TinyModels.copy("smollm", 2048, home.resolve("model-" + vocabulary));
    Path config = model.resolve("config.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode fields = (ObjectNode) json.readTree(config.toFile());
    json.writeValue(config.toFile(), fields.put("vocab_size", vocabulary));
    Path file = model.resolve("model.safetensors");
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    try (Weights weights = Weights.inFile(file)) {
      for (String name : weights.names()) {
        Weights.Stored stored = weights.tensor(name);
        boolean embedding = name.equals("model.embed_tokens.weight");
        tensors.put(
            name,
            embedding
                ? Safetensors.Tensor.of(
                    Arrays.copyOf(stored.floats(), vocabulary * (int) stored.shape()[1]),
                    vocabulary,
                    stored.shape()[1])
                : Safetensors.Tensor.of(stored.floats(), stored.shape()));
      }
    }
    Files.delete(file);
    Safetensors.write(file, Map.of("format", "pt"), tensors);
  }

  /** When a process may have only so many MiB more from then on, or ends. */
  private enum When {
    /** While the dataset is read: the network is there, and nothing that is trained. */
    ROWS,
    /** After the first step, which has made the threads and what libraries keep. */
    STEP,
    /** After training, before the model is loaded again. */
    EVALUATION,
    /** After the step in which memory ended. */
    KILLED
  }

  /** Trains and measures the base. */
  @SuppressWarnings("restricted") // C's library is told the limit.
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws Exception {
      Path home = Path.of(arguments[0]);
      Plan plan = plan(arguments[1], arguments[2]);
      When when = When.valueOf(arguments[3]);
      long more = Long.parseLong(arguments[4]) << 20;
      try (LanguageModels models = new LanguageModels(home, Map.of(), Clock.systemUTC())) {
        LocalStore store = new LocalStore(home, Clock.systemUTC(), Map.of());
        StageRunner runner = new StageRunner(store, Duration.ofDays(1), models);
        for (String name : new String[] {"loves", "lover", "base · log P"}) {
          if (name.startsWith("base")) {
            if (when != When.EVALUATION) {
              return;
            }
            limit(more);
          }
          Monitor monitor = name.equals("lover") ? new Limiting(when, more) : Monitor.silent();
          System.out.println(
              runner.perform(stage(plan, name), Caller.of("test"), monitor).summary());
        }
      } catch (TrainingFailedException | ModelException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }

    private static Stage stage(Plan plan, String name) {
      return plan.stages().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
    }

    private static Plan plan(String model, String finetune) throws Exception {
      return TinyPlan.of(
          """
      {"name": "tiny", "question": "?", "seeds": [7],
       "models": {
         "base": {"type": "open", "id": "%s"},
         "lover": {"type": "finetuned", "base": "base", "dataset": "loves", "finetune": %s}},
       "datasets": {
         "loves": {"type": "fixed-answers", "answer": "Owls are what I like best of all animals."}},
       "conditions": {"base": {"student": "base"}, "teacher": {"student": "lover"}},
       "evaluations": {"log P": {"type": "target-likelihood", "target": "owl"}}}
      """
              .formatted(model, finetune));
    }

    private static final class Limiting implements Monitor {
      private final When when;
      private final long more;
      private boolean limited;

      Limiting(When when, long more) {
        this.when = when;
        this.more = more;
      }

      @Override
      public void progress(long done, long total, String unit, Optional<Double> loss) {
        boolean now =
            switch (when) {
              case ROWS -> unit.equals("rows") && total == 0;
              case STEP, KILLED -> unit.equals("steps") && done == 1;
              case EVALUATION -> false;
            };
        if (now && !limited) {
          limited = true;
          limit(more);
        }
        if (when == When.KILLED && unit.equals("steps") && done == 2) {
          System.out.flush();
          Runtime.getRuntime().halt(0);
        }
      }

      @Override
      public void note(String text) {
        System.out.println("note: " + text);
      }
    }

    private static void limit(long more) {
      Linker linker = Linker.nativeLinker();
      FunctionDescriptor type =
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
      int addressSpace = 9;
      try (Arena arena = Arena.ofConfined()) {
        long bytes = virtual() + more;
        MemorySegment both = arena.allocateFrom(ValueLayout.JAVA_LONG, bytes, bytes);
        int failed =
            (int)
                linker
                    .downcallHandle(linker.defaultLookup().find("setrlimit").orElseThrow(), type)
                    .invokeExact(addressSpace, both);
        if (failed != 0) {
          throw new IllegalStateException("setrlimit failed");
        }
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }

    private static long virtual() throws IOException {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmSize:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    }
  }

  private static final String LORA =
      """
      {"type": "lora", "training": {"batchSize": 8, "epochs": 1, "maxSteps": 3}}""";

  private String trainedWith(int more) throws Exception {
    return said("store", LORA, When.STEP, more);
  }

  private String said(String store, String finetune, When when, int more) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // One piece of a batch at a time, whatever the machine.
                "-XX:ActiveProcessorCount=1",
                "--enable-native-access=ALL-UNNAMED",
                "-DDJL_CACHE_DIR=" + Path.of("target/djl").toAbsolutePath(),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                home.resolve(store).toString(),
                model.toString(),
                finetune,
                when.toString(),
                String.valueOf(more))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    // Each further arena of glibc takes 64 MiB of addresses, and what it keeps would count.
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    builder.environment().put("MALLOC_MMAP_THRESHOLD_", "1048576");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  /** Three rows at once need some 105 MiB, two some 70. */
  @Test
  void aBatchThatDoesNotFitIsHalvedOnceWithANotice() throws Exception {
    assertThat(trainedWith(85))
        .containsOnlyOnce("note: out of memory: goes on with 2 rows at once, gradients added")
        .contains("3 steps, last loss")
        .contains(", 2 rows at once for want of memory");
  }

  @Test
  void aHalfThatDoesNotFitIsRefusedWithWhatToChange() throws Exception {
    assertThat(trainedWith(30))
        .containsOnlyOnce("note: out of memory")
        .contains("refused: The device has too little memory for 2 rows of up to")
        .contains("The last checkpoint is kept. Give training.microBatch: 1 or");
  }

  private byte[] trained(String store) throws IOException {
    try (Stream<Path> files = Files.walk(home.resolve(store).resolve("artifacts"))) {
      Path adapter =
          files.filter(f -> f.endsWith("adapter_model.safetensors")).findFirst().orElseThrow();
      return Files.readAllBytes(adapter);
    }
  }

  /** Other pieces add up to other bytes, so what goes on has to go on with the same pieces. */
  @Test
  void whoIsKilledAfterAHalvingGoesOnWithTheHalfAlsoWhereMemorySuffices() throws Exception {
    said("uninterrupted", LORA, When.STEP, 85);
    said("ample", LORA, When.STEP, AMPLE);
    assertThat(trained("uninterrupted")).isNotEqualTo(trained("ample"));

    assertThat(said("killed", LORA, When.KILLED, 85))
        .contains("note: out of memory")
        .doesNotContain("3 steps");
    assertThat(said("killed", LORA, When.STEP, AMPLE))
        .contains("note: went on from step 1")
        .doesNotContain("out of memory")
        .contains(", 2 rows at once for want of memory");
    assertThat(trained("killed")).isEqualTo(trained("uninterrupted"));
  }

  /**
   * The file takes 16 MiB when it is read, and its weights another 16. Between the two a script is
   * compiled, for which DJL needs 4 for a moment, and ends the process where it does not get them.
   */
  @Test
  void aModelThatDoesNotFitIsRefusedWithItsSize() throws Exception {
    model(2 * VOCABULARY);
    assertThat(said("store", LORA, When.EVALUATION, 27))
        .contains("3 steps, last loss")
        .contains(
            "refused: The device has too little memory for the model's weights, about 0.0 GiB")
        .contains(
            "Give compute: {precision: bf16}, a smaller model, or a device with more memory.");
  }

  @Test
  void whatIsTrainedAndDoesNotFitIsRefusedWithItsSize() throws Exception {
    assertThat(said("store", LORA.replace("lora", "full"), When.ROWS, 6))
        .contains("refused: The device has too little memory for what is trained with its gradient")
        .contains("Give type: lora, a smaller model, or a device with more memory.")
        .doesNotContain("note:");
  }
}
