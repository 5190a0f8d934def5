package dev.inkling.generate;

import dev.inkling.artifact.Artifact;
import dev.inkling.tensor.Safetensors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows of an ensemble's dataset: for each model which rows of its generator there are, and the
 * teacher's logits of each. The inputs are not stored; the generator makes them again from the
 * row's number.
 */
public final class RowFile implements AutoCloseable {
  /** The artifact's file. */
  public static final String FILE = "rows.safetensors";

  private final Safetensors file;
  private final int[] starts;
  private final int[] rows;
  private final int logits;
  private final MemorySegment targets;

  private RowFile(Safetensors file) {
    this.file = file;
    int[] counts = file.ints("count");
    this.starts = new int[counts.length + 1];
    for (int i = 0; i < counts.length; i++) {
      starts[i + 1] = starts[i] + counts[i];
    }
    this.rows = file.ints("row");
    this.logits = file.has("logits") ? (int) file.shape("logits")[1] : 0;
    this.targets = logits > 0 ? file.bytes("logits") : MemorySegment.NULL;
  }

  /** Opens the rows of an artifact. */
  public static RowFile open(Artifact artifact) throws IOException {
    return new RowFile(Safetensors.open(artifact.file(FILE)));
  }

  /**
   * Writes rows.
   *
   * @param rows for each model the numbers of its rows
   * @param logits how many logits a row has; 0 without a teacher
   * @param targets the logits of all rows, model after model
   */
  public static void write(Path file, List<int[]> rows, int logits, Iterable<ByteBuffer> targets)
      throws IOException {
    int[] all = rows.stream().flatMapToInt(java.util.Arrays::stream).toArray();
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    tensors.put(
        "count",
        Safetensors.Tensor.of(rows.stream().mapToInt(r -> r.length).toArray(), rows.size()));
    tensors.put("row", Safetensors.Tensor.of(all, all.length));
    if (logits > 0) {
      tensors.put(
          "logits", new Safetensors.Tensor("F32", new long[] {all.length, logits}, targets));
    }
    Safetensors.write(file, Map.of(), tensors);
  }

  /** How many models have rows here. */
  public int models() {
    return starts.length - 1;
  }

  /** How many rows a model has. */
  public int count(int model) {
    return starts[model + 1] - starts[model];
  }

  /** The generator's number of a model's i-th row. */
  public int row(int model, int i) {
    return rows[starts[model] + i];
  }

  /** How many logits a row has; 0 without a teacher. */
  public int logits() {
    return logits;
  }

  /** The logits of a model's rows from (inclusive) to (exclusive). */
  public MemorySegment logits(int model, int from, int to) {
    long bytes = 4L * logits;
    return targets.asSlice((starts[model] + from) * bytes, (to - from) * bytes);
  }

  @Override
  public void close() {
    file.close();
  }
}
