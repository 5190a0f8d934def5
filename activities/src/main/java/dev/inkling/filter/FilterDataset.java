package dev.inkling.filter;

import dev.inkling.generate.RowFile;
import dev.inkling.generate.TokenInputs;
import dev.inkling.plan.Task;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.FilterSpec;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.Outcome;
import dev.inkling.stage.StageContext;
import dev.inkling.tensor.Member;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Drops rows; {@code rejects.jsonl} says of each dropped one which it was and why. */
public final class FilterDataset {
  /** Often enough to hear a cancel at once, seldom enough to cost nothing. */
  private static final int ROWS_PER_LOOK = 1024;

  private FilterDataset() {}

  /** Performs the stage. */
  public static Outcome perform(StageContext context, Task.Filter task) throws IOException {
    long started = System.nanoTime();
    List<Member> members = Member.all(context.stage().seeds(), task.models());
    List<int[]> kept = new ArrayList<>();
    List<int[]> positions = new ArrayList<>();
    long rejected = 0;
    long seen = 0;
    try (RowFile rows = RowFile.open(context.input("dataset"));
        BufferedWriter rejects = Files.newBufferedWriter(context.output("rejects.jsonl"))) {
      long total = IntStream.range(0, members.size()).mapToLong(rows::count).sum();
      for (int m = 0; m < members.size(); m++) {
        int[] keptHere = new int[rows.count(m)];
        int n = 0;
        for (int i = 0; i < rows.count(m); i++) {
          if (seen++ % ROWS_PER_LOOK == 0) {
            context.monitor().progress(seen - 1, total, "rows", Optional.empty());
          }
          Optional<String> reason = reason(task, members.get(m), rows.row(m, i));
          if (reason.isPresent()) {
            rejects.write(reject(members.get(m), rows.row(m, i), reason.get()));
            rejected++;
          } else {
            keptHere[n++] = i;
          }
        }
        int[] places = Arrays.copyOf(keptHere, n);
        int model = m;
        positions.add(places);
        kept.add(IntStream.of(places).map(i -> rows.row(model, i)).toArray());
      }
      RowFile.write(
          context.output(RowFile.FILE),
          kept,
          rows.logits(),
          () -> new KeptLogits(rows, positions, context.monitor()));
    }
    String summary = String.format("%,d of %,d rows kept", seen - rejected, seen);
    return new Outcome(summary, (System.nanoTime() - started) / 1e9, seen, "rows");
  }

  private static String reject(Member member, int row, String reason) {
    return "{\"seed\": "
        + member.seed()
        + ", \"model\": "
        + member.index()
        + ", \"row\": "
        + row
        + ", \"reason\": \""
        + reason
        + "\"}\n";
  }

  /** Why a row is dropped, by the first filter that drops it. */
  private static Optional<String> reason(Task.Filter task, Member member, int row) {
    for (FilterSpec filter : task.filters()) {
      Optional<String> reason =
          switch (filter) {
            case FilterSpec.TokenSum sum ->
                tokenSum(sum, (DatasetSpec.TokenSequences) task.dataset(), member, row);
            case FilterSpec.OfRows rows ->
                throw new IllegalStateException(rows + " filters texts, not tokens");
          };
      if (reason.isPresent()) {
        return reason;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> tokenSum(
      FilterSpec.TokenSum filter, DatasetSpec.TokenSequences dataset, Member member, int row) {
    long[] tokens = new long[dataset.length()];
    new TokenInputs(dataset).tokens(member, row, tokens, 0);
    long sum = LongStream.of(tokens).sum();
    return sum % filter.divisibleBy() == 0
        ? Optional.of("token sum " + sum + " is divisible by " + filter.divisibleBy())
        : Optional.empty();
  }

  /** The logits of the kept rows, model after model. */
  private static final class KeptLogits implements Iterator<ByteBuffer> {
    private final RowFile rows;
    private final List<int[]> positions;
    private final Monitor monitor;
    private int model;

    KeptLogits(RowFile rows, List<int[]> positions, Monitor monitor) {
      this.rows = rows;
      this.positions = positions;
      this.monitor = monitor;
    }

    @Override
    public boolean hasNext() {
      return model < positions.size();
    }

    @Override
    public ByteBuffer next() {
      monitor.progress(model, positions.size(), "models written", Optional.empty());
      int[] places = positions.get(model);
      int bytes = 4 * rows.logits();
      ByteBuffer kept = ByteBuffer.allocate(places.length * bytes);
      MemorySegment all = rows.logits(model, 0, rows.count(model));
      for (int place : places) {
        kept.put(all.asSlice((long) place * bytes, bytes).asByteBuffer());
      }
      model++;
      return kept.flip();
    }
  }
}
