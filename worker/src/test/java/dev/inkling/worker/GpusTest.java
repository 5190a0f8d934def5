package dev.inkling.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.provision.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a worker says of its GPUs. */
class GpusTest {
  @TempDir private Path directory;

  private String told(String script, Map<String, String> environment) throws Exception {
    return new Gpus(new Tool(List.of("sh", script(script)), Map.of()), environment).tell();
  }

  private String script(String text) throws IOException {
    return Files.writeString(directory.resolve("nvidia-smi"), text).toString();
  }

  private static final Optional<String> TROUBLE = Optional.of("CUDA's runtime counts no GPU");

  /** Why a worker ends whose torch is in trouble. */
  private Optional<String> outOfUse(String script, Map<String, String> environment)
      throws Exception {
    return new Gpus(new Tool(List.of("sh", script(script)), Map.of()), environment)
        .outOfUse(() -> TROUBLE);
  }

  @Test
  void aWorkerThatCannotUseItsGpuSaysWhatIsMissing() throws Exception {
    String there = "echo 'NVIDIA H200, 143771 MiB, 570.86.15'";

    assertThat(outOfUse(there, Map.of("CUDA_VISIBLE_DEVICES", "1")).orElseThrow())
        .contains("torch can use none (CUDA's runtime counts no GPU)", "NVIDIA H200, 143771 MiB")
        .contains("eval \"$(infra/gpu/libraries.sh)\"", "INKLING_DEVICE=cpu");
    assertThat(outOfUse(there, Map.of("PYTORCH_LIBRARY_PATH", "/opt/torch")).orElseThrow())
        .contains("PYTORCH_LIBRARY_PATH is '/opt/torch'", "driver");
    assertThat(outOfUse("exit 9", Map.of("CUDA_VISIBLE_DEVICES", "0")).orElseThrow())
        .contains("CUDA_VISIBLE_DEVICES is '0'", "has none that works", "INKLING_DEVICE=cpu");
  }

  @Test
  void aWorkerThatIsThereForNoGpuOrUsesItsOwnGoesOn() throws Exception {
    String there = "echo 'NVIDIA H200, 143771 MiB, 570.86.15'";

    assertThat(outOfUse("exit 9", Map.of())).as("no GPU at all").isEmpty();
    assertThat(outOfUse(there, Map.of("CUDA_VISIBLE_DEVICES", ""))).as("another's").isEmpty();
    assertThat(outOfUse(there, Map.of("CUDA_VISIBLE_DEVICES", "0", "INKLING_DEVICE", "cpu")))
        .isEmpty();
    Gpus working = new Gpus(new Tool(List.of("sh", script(there)), Map.of()), Map.of());
    assertThat(working.outOfUse(Optional::empty)).isEmpty();
  }

  @Test
  void aGpuIsToldWithItsMemoryAndDriver() throws Exception {
    String script =
        """
        [ "$1" = --query-gpu=name,memory.total,driver_version ] || exit 2
        [ "$2" = --format=csv,noheader ] || exit 2
        case "$3" in
          --id=1) echo 'NVIDIA H200, 143771 MiB, 570.86.15' ;;
          '') echo 'NVIDIA H200, 143771 MiB, 570.86.15'; echo 'NVIDIA L4, 23034 MiB, 570.86.15' ;;
        esac
        """;
    assertThat(told(script, Map.of()))
        .isEqualTo("GPU: NVIDIA H200, 143771 MiB, 570.86.15; NVIDIA L4, 23034 MiB, 570.86.15");
    assertThat(told(script, Map.of("CUDA_VISIBLE_DEVICES", "1")))
        .isEqualTo("GPU: NVIDIA H200, 143771 MiB, 570.86.15");
  }

  @Test
  void aMachineWithoutOneSaysSo() throws Exception {
    Tool absent = new Tool(List.of(directory.resolve("absent").toString()), Map.of());
    assertThat(new Gpus(absent, Map.of()).tell()).isEqualTo("no GPU (there is no nvidia-smi here)");
    assertThat(told("echo 'No devices were found'; exit 6", Map.of()))
        .isEqualTo("no GPU (nvidia-smi: No devices were found)");
    assertThat(told("echo never asked", Map.of("CUDA_VISIBLE_DEVICES", "NoDevFiles")))
        .isEqualTo("no GPU (CUDA_VISIBLE_DEVICES is 'NoDevFiles')");
  }
}
