import dev.inkling.model.weights.ModelConfig;
import dev.inkling.model.weights.ModelConfigReader;
import dev.inkling.model.weights.Weights;
import dev.inkling.spec.TrainingSpec;
import dev.inkling.tensor.transformer.LoraAdapter;
import dev.inkling.tensor.transformer.Sequence;
import dev.inkling.tensor.transformer.StepResult;
import dev.inkling.tensor.transformer.Training;
import dev.inkling.tensor.transformer.Transformer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Trains a LoRA adapter for some steps and says how long they took, for {@code bench/transformer.py}. */
class TransformerTraining {
  private static final double RATE = 2e-4;

  static void main(String[] arguments) throws Exception {
    TransformerCase that = TransformerCase.of(arguments);
    int rows = that.number("rows");
    int length = that.number("length");
    int from = length - that.number("completion");
    ModelConfig config = ModelConfigReader.read(that.directory());
    LoraAdapter start = LoraAdapter.read(that.directory().resolve("adapter"), config);
    List<Double> seconds = new ArrayList<>();
    List<Double> losses = new ArrayList<>();
    Map<String, Object> more = new LinkedHashMap<>();
    TransformerCase.Resident resident = that.watched();
    try (Weights weights = Weights.inDirectory(that.directory());
        Transformer network =
            Transformer.load(config, weights, that.device(), that.precision());
        Training training = Training.lora(network, start, settings(rows), 0)) {
      for (int step = 0; step < that.number("warm") + that.number("steps"); step++) {
        resident.look(step);
        List<Sequence> batch =
            Arrays.stream(that.ids(step * rows, rows, length))
                .map(ids -> new Sequence(ids, from))
                .toList();
        long began = System.nanoTime();
        StepResult result = training.step(batch, rows, RATE, step + 1, () -> {});
        seconds.add((System.nanoTime() - began) / 1e9);
        losses.add(result.loss());
      }
      more.put("rss_mib", resident.look(that.number("warm") + that.number("steps")));
      if (that.settings().containsKey("adapter")) {
        training.adapter().write(Path.of(that.settings().get("adapter")), "measured");
      }
    }
    more.put("losses", losses.size() > 100 ? List.of(losses.getFirst(), losses.getLast()) : losses);
    that.report(
        seconds.subList(that.number("warm"), seconds.size()), (long) rows * length, more);
  }

  /** As the other side: AdamW as torch has it, gradients no longer than 1. */
  private static TrainingSpec settings(int rows) {
    return new TrainingSpec(
        1,
        Optional.empty(),
        rows,
        Optional.empty(),
        RATE,
        TrainingSpec.Schedule.CONSTANT,
        0,
        0,
        0.9,
        0.999,
        1e-8,
        1,
        4096,
        TrainingSpec.Batching.SHUFFLED,
        false,
        Optional.empty(),
        0);
  }
}
