package dev.inkling.tensor.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import dev.inkling.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tables stay on the device from call to call, and no longer. */
class DeviceTablesTest {
  private static final TokenTable ONE = new TokenTable(1, 1, new int[] {0}, new int[] {0});
  private static final TokenTable OTHER = new TokenTable(1, 2, new int[] {0, 0}, new int[] {1});

  @BeforeAll
  static void configure() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
  }

  private static Decoder.Row row(TokenTable table) {
    return new Decoder.Row(1, 0, new Choice(1, 0, 1, Optional.of(table)), 0, new float[] {0.5f});
  }

  private static int after(PtNDManager manager, DeviceTables tables, TokenTable... wanted) {
    try (NDManager results = manager.newSubManager()) {
      tables.following(results, List.of(wanted).stream().map(DeviceTablesTest::row).toList());
    }
    return manager.getManagedArrays().size();
  }

  @Test
  void thoseThatNobodyWantsAnyMoreAreFreed() {
    try (PtNDManager manager = Torch.manager(Device.cpu())) {
      DeviceTables tables = new DeviceTables(manager);
      int none = manager.getManagedArrays().size();

      assertThat(after(manager, tables, ONE, OTHER)).isEqualTo(none + 4);
      assertThat(after(manager, tables, OTHER)).isEqualTo(none + 2);
      assertThat(after(manager, tables, ONE)).isEqualTo(none + 2);
    }
  }

  @Test
  void oneThatCannotBeLoadedLosesNoOther() {
    try (PtNDManager manager = Torch.manager(Device.cpu())) {
      DeviceTables tables = new DeviceTables(manager);
      int one = after(manager, tables, ONE);
      TokenTable broken = new TokenTable(-1, 0, new int[0], new int[] {0});

      assertThatThrownBy(() -> after(manager, tables, ONE, broken))
          .isInstanceOf(RuntimeException.class);
      assertThat(after(manager, tables, ONE)).isEqualTo(one);
    }
  }
}
