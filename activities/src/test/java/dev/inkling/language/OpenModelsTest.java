package dev.inkling.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.inkling.artifact.Disk;
import dev.inkling.model.ModelException;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.model.weights.TinyModels;
import dev.inkling.spec.OpenModel;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import dev.inkling.tensor.Torch;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OpenModelsTest {
  private static final Path FAMILIES = Path.of("src/test/resources/dev/inkling/model/weights");

  @TempDir Path home;

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  private OpenModels models() {
    return new OpenModels(home, Map.of());
  }

  @Test
  void anAdapterNamesNoPathOfThisMachine() {
    assertThat(OpenModels.name(OpenModel.of("/home/somebody/models/tiny-1/"))).isEqualTo("tiny-1");
    assertThat(OpenModels.name(OpenModel.of("~/tiny-2"))).isEqualTo("tiny-2");
    assertThat(OpenModels.name(OpenModel.of("./models/../tiny-3"))).isEqualTo("tiny-3");
    assertThat(OpenModels.name(OpenModel.of("hf:owner/tiny@main"))).isEqualTo("owner/tiny");
  }

  /** A disk that gives nothing for a while: a pipe whose writer comes later. */
  private Path stalled() throws IOException, InterruptedException {
    Path directory = Files.createDirectories(home.resolve("model"));
    for (String name : List.of("config.json", "tokenizer.json")) {
      Files.copy(FAMILIES.resolve("llama").resolve(name), directory.resolve(name));
    }
    Path pipe = directory.resolve("model.safetensors");
    Process made = new ProcessBuilder("mkfifo", pipe.toString()).start();
    assumeTrue(made.waitFor() == 0, "needs mkfifo");
    return directory;
  }

  private abstract static class Watching implements Monitor {
    private int heard;

    @Override
    public final void progress(long done, long total, String unit, Optional<Double> loss) {
      try {
        heard(++heard);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    abstract void heard(int times) throws IOException;

    @Override
    public void note(String text) {}
  }

  @Test
  void planningIsAliveWhileADirectorysBytesDoNotCome() throws Exception {
    Path directory = stalled();
    Watching monitor =
        new Watching() {
          @Override
          void heard(int times) throws IOException {
            if (times == 3) {
              Files.writeString(directory.resolve("model.safetensors"), "weights");
            }
          }
        };
    String version = models().held(OpenModel.of(directory.toString()), monitor).version();

    assertThat(monitor.heard).isGreaterThanOrEqualTo(3);
    Files.delete(directory.resolve("model.safetensors"));
    Files.writeString(directory.resolve("model.safetensors"), "weights");
    assertThat(version).isEqualTo(ModelDirectory.fingerprint(directory));
  }

  @Test
  void whoeverStopsPlanningDoesNotWaitForTheEndOfAFile() throws Exception {
    Path directory = stalled();
    Thread endless = Thread.ofPlatform().start(() -> write(directory.resolve("model.safetensors")));
    Watching monitor =
        new Watching() {
          @Override
          void heard(int times) {
            if (times == 2) {
              throw new StopRequestedException(new IllegalStateException("stop"));
            }
          }
        };
    assertThatThrownBy(() -> models().held(OpenModel.of(directory.toString()), monitor))
        .isInstanceOf(StopRequestedException.class);
    endless.join();
  }

  /** Writes zeros until nobody reads them. */
  private static void write(Path pipe) {
    try (OutputStream out = Files.newOutputStream(pipe)) {
      while (true) {
        out.write(new byte[1 << 16]);
      }
    } catch (IOException _) {
      // The reader has gone.
    }
  }

  /** A directory as fine-tuning leaves it: an adapter, and one that came before it. */
  private Path adapters(String before, String last) throws IOException {
    Path artifact = Files.createDirectories(home.resolve("artifact"));
    for (Path file : Disk.entries(FAMILIES.resolve(last).resolve("adapter"))) {
      Files.copy(file, artifact.resolve(file.getFileName()));
    }
    TunedWeights.ofAdapter(artifact, List.of(FAMILIES.resolve(before).resolve("adapter")));
    return artifact;
  }

  @Test
  void mergingLeavesTheMergedModelAndNothingElse() throws Exception {
    Path target = home.resolve("out/merged");
    models().merge(adapters("llama", "llama"), base(), target, Monitor.silent());

    assertThat(Disk.entries(home.resolve("out"))).containsExactly(target);
    ModelDirectory.open(target).close();
  }

  @Test
  void mergingThatFailsLeavesNoModelBetween() throws Exception {
    Path artifact = adapters("llama", "gemma3");
    Path target = home.resolve("out/merged");

    assertThatThrownBy(() -> models().merge(artifact, base(), target, Monitor.silent()))
        .isInstanceOf(ModelException.class);
    assertThat(Disk.entries(home.resolve("out"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\": false, \"adapters\": [\"../llama\", \".\"]}",
        "{\"model\": false, \"adapters\": [\"/somewhere\"]}",
        "{\"model\": true, \"adapters\": []}",
        "{\"weight_map\": {}}",
        "nothing"
      })
  void aDirectoryThatSaysWhatInklingNeverWritesIsRefused(String said) throws Exception {
    Path artifact = adapters("llama", "llama");
    Files.writeString(artifact.resolve("weights.json"), said);

    assertThatThrownBy(
            () -> models().merge(artifact, base(), home.resolve("out/merged"), Monitor.silent()))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(artifact.resolve("weights.json").toString())
        .hasMessageContaining("Remove it if the directory holds one adapter only");
  }

  @Test
  void anAdapterInADirectoryIsKnownByItsBytes() throws Exception {
    Path adapter = TinyModels.copyAdapter("llama", home.resolve("adapter"));
    OpenModel model =
        new OpenModel(base(), Optional.of(adapter.toString()), Optional.empty(), Optional.empty());
    String before = models().held(model, Monitor.silent()).adapter().orElseThrow();
    assertThat(models().held(model, Monitor.silent()).adapter()).contains(before);
    for (Path file : Disk.entries(adapter)) {
      Files.write(file, new byte[] {' '}, StandardOpenOption.APPEND);
      String now = models().held(model, Monitor.silent()).adapter().orElseThrow();
      assertThat(now).as(file.toString()).isNotEqualTo(before);
      before = now;
    }
  }

  private static String base() {
    return FAMILIES.resolve("llama").toAbsolutePath().toString();
  }
}
