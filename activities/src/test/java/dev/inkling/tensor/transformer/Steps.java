package dev.inkling.tensor.transformer;

import dev.inkling.spec.TrainingSpec;
import dev.inkling.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Training steps on a tiny model's rows, with what its known answers were made with. */
final class Steps {
  static final double RATE = 1e-3;

  private Steps() {}

  static TrainingSpec spec() {
    return spec(false, 1);
  }

  static TrainingSpec spec(boolean checkpointing, double maxGradientNorm) {
    return new TrainingSpec(
        1,
        Optional.empty(),
        2,
        Optional.empty(),
        RATE,
        TrainingSpec.Schedule.CONSTANT,
        0,
        0.01,
        0.9,
        0.999,
        1e-8,
        maxGradientNorm,
        500,
        TrainingSpec.Batching.SHUFFLED,
        checkpointing,
        Optional.empty(),
        0);
  }

  /** One step on the model's two rows. */
  static StepResult one(Training training, TinyModel tiny, int microBatch, long step) {
    return training.step(batch(tiny), microBatch, RATE, step, () -> {});
  }

  static List<Sequence> batch(TinyModel tiny) {
    int[][] rows = tiny.rows();
    return IntStream.range(0, rows.length)
        .mapToObj(r -> new Sequence(rows[r], tiny.expected().at("/prompts/" + r).asInt()))
        .toList();
  }

  /** A tensor of what a checkpoint would hold. */
  static float[] saved(Training training, String name, Path file) throws IOException {
    Safetensors.write(file, Map.of(), training.state());
    try (Safetensors saved = Safetensors.open(file)) {
      return saved.floats(name);
    }
  }
}
