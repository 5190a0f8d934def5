package dev.inkling.generate;

import dev.inkling.plan.Task;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.ModelSpec;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.StageContext;
import dev.inkling.tensor.Ensemble;
import dev.inkling.tensor.Inputs;
import dev.inkling.tensor.Member;
import dev.inkling.tensor.Safetensors;
import dev.inkling.tensor.Slices;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Makes a dataset's rows; where there is a teacher, its logits are the targets. */
public final class GenerateDataset {
  private final StageContext context;
  private final Task.Generate task;
  private final long started = System.nanoTime();

  private GenerateDataset(StageContext context, Task.Generate task) {
    this.context = context;
    this.task = task;
  }

  /** Performs the stage. */
  public static Outcome perform(StageContext context, Task.Generate task) throws IOException {
    GenerateDataset stage = new GenerateDataset(context, task);
    return switch (task.dataset()) {
      case DatasetSpec.Mnist mnist -> stage.digits(mnist);
      case DatasetSpec.NoiseImages noise -> {
        ModelSpec.Mlp teacher =
            (ModelSpec.Mlp)
                task.teacher()
                    .orElseThrow(() -> new IllegalStateException("noise without a teacher"));
        yield stage.rows(
            new NoiseInputs(teacher.layers().getFirst(), noise.stream()), noise.rows());
      }
      case DatasetSpec.TokenSequences tokens -> stage.rows(new TokenInputs(tokens), tokens.rows());
    };
  }

  private Outcome digits(DatasetSpec.Mnist mnist) throws IOException {
    MnistFiles.Opener files = MnistFiles.of(mnist.variant(), context.stage().directory());
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    int[] counts = new int[2];
    String[][] splits = {{"train", "train"}, {"t10k", "test"}};
    for (int s = 0; s < 2; s++) {
      context.monitor().progress(s, 2, "files", Optional.empty());
      String imageFile = splits[s][0] + "-images-idx3-ubyte";
      String labelFile = splits[s][0] + "-labels-idx1-ubyte";
      try (InputStream images = files.open(imageFile);
          InputStream labels = files.open(labelFile)) {
        byte[] pixels = Idx.images(imageFile, images);
        byte[] digits = Idx.labels(labelFile, labels);
        counts[s] = digits.length;
        if (pixels.length != digits.length * Idx.PIXELS) {
          throw new IOException(
              imageFile + " and " + labelFile + " hold different numbers of digits");
        }
        tensors.put(
            splits[s][1] + ".images", Safetensors.Tensor.of(pixels, digits.length, Idx.PIXELS));
        tensors.put(splits[s][1] + ".labels", Safetensors.Tensor.of(digits, digits.length));
      }
    }
    Safetensors.write(context.output(Digits.FILE), Map.of(), tensors);
    return outcome(
        String.format("%,d training and %,d test digits", counts[0], counts[1]),
        (long) counts[0] + counts[1]);
  }

  private Outcome rows(Inputs inputs, int count) throws IOException {
    List<Member> members = Member.all(context.stage().seeds(), task.models());
    int[] all = IntStream.range(0, count).toArray();
    List<int[]> rows = members.stream().map(_ -> all).toList();
    Optional<ModelSpec.Network> teacher = task.teacher();
    context.monitor().progress(0, (long) count * members.size(), "rows", Optional.empty());
    if (teacher.isEmpty()) {
      RowFile.write(context.output(RowFile.FILE), rows, 0, List.of());
    } else {
      List<Path> parts = logits(inputs, count, teacher.get(), members);
      RowFile.write(
          context.output(RowFile.FILE),
          rows,
          teacher.get().logits(),
          () -> new Parts(parts, context.monitor()));
    }
    return outcome(
        String.format("%,d rows for each of %d models", count, members.size()),
        (long) count * members.size());
  }

  /**
   * The teacher's logits of every row: a file for each slice of the ensemble, so that a crash loses
   * one at most.
   */
  private List<Path> logits(
      Inputs inputs, int count, ModelSpec.Network teacher, List<Member> members)
      throws IOException {
    List<Path> parts = new ArrayList<>();
    try (Ensemble ensemble =
        Ensemble.forInference(teacher, members, Slices.models(teacher, inputs, Ensemble.CHUNK))) {
      ensemble.begin(context.find("teacher").map(m -> m.file(Ensemble.WEIGHTS)));
      long total = (long) members.size() * count;
      AtomicLong done = new AtomicLong();
      ensemble.each(
          slice -> part(ensemble, slice, inputs, count, done),
          () -> context.monitor().progress(done.get(), total, "rows", Optional.empty()));
      for (int slice = 0; slice < ensemble.slices(); slice++) {
        parts.add(context.work().scratch().resolve(partName(slice)));
      }
    }
    return parts;
  }

  private static String partName(int slice) {
    return "logits-" + slice + ".safetensors";
  }

  private void part(Ensemble ensemble, int slice, Inputs inputs, int count, AtomicLong done) {
    List<Member> members = ensemble.slice(slice);
    int width = task.teacher().map(ModelSpec.Network::logits).orElse(0);
    String name = partName(slice);
    if (complete(context.work().scratch().resolve(name), members.size(), count, width)) {
      done.addAndGet((long) members.size() * count);
      return;
    }
    List<float[]> logits = members.stream().map(_ -> new float[count * width]).toList();
    ensemble.ask(
        slice,
        inputs,
        count,
        (from, rows, chunk) -> {
          for (int m = 0; m < members.size(); m++) {
            System.arraycopy(chunk, m * rows * width, logits.get(m), from * width, rows * width);
          }
          done.addAndGet((long) members.size() * rows);
        });
    try {
      write(context.work().draft(name), logits, count, width);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    context.work().checkpoint(name);
  }

  private static boolean complete(Path part, int models, int rows, int logits) {
    if (!Files.exists(part)) {
      return false;
    }
    try (Safetensors file = Safetensors.open(part)) {
      return java.util.Arrays.equals(file.shape("logits"), new long[] {models, rows, logits});
    } catch (IOException e) {
      return false;
    }
  }

  private static void write(Path part, List<float[]> logits, int rows, int width)
      throws IOException {
    Iterable<ByteBuffer> bytes = () -> logits.stream().map(Safetensors.Tensor::bytesOf).iterator();
    Safetensors.write(
        part,
        Map.of(),
        Map.of(
            "logits",
            new Safetensors.Tensor("F32", new long[] {logits.size(), rows, width}, bytes)));
  }

  private Outcome outcome(String summary, long rows) {
    return new Outcome(summary, (System.nanoTime() - started) / 1e9, rows, "rows");
  }

  /** The bytes of the finished parts, one file after the other. */
  private static final class Parts implements java.util.Iterator<ByteBuffer> {
    private final List<Path> files;
    private final Monitor monitor;
    private int next;

    Parts(List<Path> files, Monitor monitor) {
      this.files = files;
      this.monitor = monitor;
    }

    @Override
    public boolean hasNext() {
      return next < files.size();
    }

    @Override
    public ByteBuffer next() {
      monitor.progress(next, files.size(), "parts written", Optional.empty());
      try (Safetensors file = Safetensors.open(files.get(next++))) {
        return Safetensors.Tensor.bytesOf(file.floats("logits"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
