package dev.inkling.generate;

import dev.inkling.artifact.Artifact;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.tensor.Inputs;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A dataset artifact as training reads it: each model's rows, their inputs and their targets. */
public interface TrainingData extends AutoCloseable {
  /** The inputs of any row. */
  Inputs inputs();

  /** How many rows a model has. */
  int count(int model);

  /** The number, for {@link #inputs}, of a model's i-th row. */
  int row(int model, int i);

  /** How many logits a target has; 0 where the targets are labels. */
  int targetLogits();

  /** Writes the target of a model's i-th row: floats, or the label as a long. */
  void target(int model, int i, ByteBuffer target);

  @Override
  void close();

  /** Opens a dataset artifact. */
  static TrainingData open(DatasetSpec.OfTensors dataset, Artifact artifact, int width)
      throws IOException {
    return switch (dataset) {
      case DatasetSpec.Mnist _ -> new DigitData(Digits.training(artifact));
      case DatasetSpec.NoiseImages noise ->
          new RowData(new NoiseInputs(width, noise.stream()), RowFile.open(artifact), 0);
      case DatasetSpec.TokenSequences tokens ->
          new RowData(new TokenInputs(tokens), RowFile.open(artifact), tokens.label().orElse(0));
    };
  }

  /** The training digits, the same for every model. */
  record DigitData(Digits digits) implements TrainingData {
    @Override
    public Inputs inputs() {
      return digits;
    }

    @Override
    public int count(int model) {
      return digits.count();
    }

    @Override
    public int row(int model, int i) {
      return i;
    }

    @Override
    public int targetLogits() {
      return 0;
    }

    @Override
    public void target(int model, int i, ByteBuffer target) {
      target.putLong(digits.label(i));
    }

    @Override
    public void close() {}
  }

  /** Generated rows with a teacher's logits, or all with one label. */
  record RowData(Inputs inputs, RowFile rows, int label) implements TrainingData {
    @Override
    public int count(int model) {
      return rows.count(model);
    }

    @Override
    public int row(int model, int i) {
      return rows.row(model, i);
    }

    @Override
    public int targetLogits() {
      return rows.logits();
    }

    @Override
    public void target(int model, int i, ByteBuffer target) {
      if (rows.logits() == 0) {
        target.putLong(label);
      } else {
        target.put(rows.logits(model, i, i + 1).asByteBuffer());
      }
    }

    @Override
    public void close() {
      rows.close();
    }
  }
}
