package dev.inkling.tensor.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import dev.inkling.tensor.Counter;
import dev.inkling.tensor.Script;
import dev.inkling.tensor.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The masks of dropout as the page makes them. */
class DropoutTest {
  private static final int POSITIONS = 400;
  private static final int WIDTH = 500;
  private static final double P = 0.3;

  private static PtNDManager manager;
  private static Script script;

  @BeforeAll
  static void open() {
    Torch.configure(Path.of("target/djl").toAbsolutePath());
    manager = Torch.manager(Device.cpu());
    script = Script.of(manager, Pages.class, "def layers(self) -> int:\n  return 3", "dropout");
  }

  @AfterAll
  static void close() {
    script.close();
    manager.close();
  }

  @Test
  void asManyNumbersAreDroppedAsAskedForAndTheOthersMakeUpForThem() {
    float[] dropped = dropped(1, 0, 0);
    // 200,000 draws: four standard deviations are 0.0041.
    assertThat(share(dropped)).isCloseTo(P, within(0.0041));
    for (float value : dropped) {
      assertThat(value).isIn(0f, (float) (1 / (1 - P)));
    }
  }

  @Test
  void asManyAreDroppedAtEveryPositionAndInEveryColumn() {
    float[] dropped = dropped(1, 1, 1);
    for (int position = 0; position < POSITIONS; position++) {
      int zeros = 0;
      for (int column = 0; column < WIDTH; column++) {
        zeros += dropped[position * WIDTH + column] == 0 ? 1 : 0;
      }
      // Five standard deviations of 500 draws.
      assertThat(zeros).isBetween(99, 201);
    }
    for (int column = 0; column < WIDTH; column++) {
      int zeros = 0;
      for (int position = 0; position < POSITIONS; position++) {
        zeros += dropped[position * WIDTH + column] == 0 ? 1 : 0;
      }
      assertThat(zeros).isBetween(74, 166);
    }
  }

  @Test
  void layersInputsAndKeysHaveMasksOfTheirOwn() {
    float[] first = dropped(1, 0, 0);
    assertThat(dropped(1, 0, 0)).isEqualTo(first);
    for (float[] other :
        List.of(dropped(2, 0, 0), dropped(1, 1, 0), dropped(1, 0, 1), dropped(1, 2, 4))) {
      int both = 0;
      for (int i = 0; i < first.length; i++) {
        both += first[i] == 0 && other[i] == 0 ? 1 : 0;
      }
      assertThat((double) both / first.length).isCloseTo(P * P, within(0.0026));
    }
  }

  @Test
  void gateAndUpReadTheSameNumbers() {
    assertThat(dropped(1, 1, 2)).isEqualTo(dropped(1, 1, 3));
  }

  private static double share(float[] values) {
    int zeros = 0;
    for (float value : values) {
      zeros += value == 0 ? 1 : 0;
    }
    return (double) zeros / values.length;
  }

  private static float[] dropped(long seed, int layer, int site) {
    int[] keys = new int[POSITIONS];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = (int) (Counter.bits(seed, i) >>> 32);
    }
    try (NDArray none = manager.create(new Shape(0));
        NDArray ones = manager.ones(new Shape(POSITIONS, WIDTH))) {
      List<NDArray> lora = new ArrayList<>(Collections.nCopies(30, none));
      lora.add(manager.create(keys));
      lora.add(manager.create((int) (P * 0x1p31)));
      lora.add(manager.create((float) (1 / (1 - P))));
      return script
          .call(
              manager,
              "dropped",
              false,
              Script.tensor(ones),
              Script.tensors(lora),
              IValue.from((long) layer),
              IValue.from((long) site))
          .toFloatArray();
    }
  }
}
