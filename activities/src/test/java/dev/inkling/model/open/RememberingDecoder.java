package dev.inkling.model.open;

import dev.inkling.tensor.Counter;
import dev.inkling.tensor.transformer.Decoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A decoder without a network: a slot remembers tokens, and the next token is a function of all
 * tokens that its columns hold. A column that was copied wrongly, written too late or kept too long
 * changes every answer from there on.
 */
final class RememberingDecoder implements Decoder {
  static final int VOCABULARY = 50;
  static final int STOP = 0;

  private final Consumer<String> before;
  private int[][] columns = new int[0][];

  int tokensRead;
  int copies;
  int mostRows;
  int calls;
  volatile boolean closed;

  /**
   * A decoder.
   *
   * @param before hears the name of every call and may throw
   */
  RememberingDecoder(Consumer<String> before) {
    this.before = before;
  }

  RememberingDecoder() {
    this(_ -> {});
  }

  /** The token that follows these, when the number is drawn. */
  static int next(int[] ids, int length, float number) {
    long key = 1;
    for (int i = 0; i < length; i++) {
      key = Counter.bits(key, ids[i]);
    }
    // Every tenth token ends an answer.
    int token = Counter.below(VOCABULARY, key, (long) (number * 1000));
    return token < VOCABULARY / 10 ? STOP : token;
  }

  /** What this decoder has to answer, from the whole sequence each time. */
  static int[] answer(Order.Sample order) {
    int[] ids = Arrays.copyOf(order.ids(), order.length());
    int length = order.ids().length;
    for (int n = 0; n < order.most(); n++) {
      float number = (float) (Math.floor(Counter.uniform(order.key(), n) * 0x1.0p24) * 0x1.0p-24);
      int token = next(ids, length, number);
      if (token == STOP) {
        break;
      }
      ids[length++] = token;
    }
    return Arrays.copyOfRange(ids, order.ids().length, length);
  }

  @Override
  public long positionBytes() {
    return 100;
  }

  @Override
  public int context() {
    return 4096;
  }

  @Override
  public void allocate(int slots, int length) {
    before.accept("allocate");
    columns = new int[slots][length + 1];
    Arrays.stream(columns).forEach(c -> Arrays.fill(c, -1));
  }

  @Override
  public void copy(int[] sources, int[] targets, int count) {
    before.accept("copy");
    int[][] read = Arrays.stream(sources).mapToObj(s -> columns[s].clone()).toArray(int[][]::new);
    for (int i = 0; i < targets.length; i++) {
      System.arraycopy(read[i], 0, columns[targets[i]], 0, count);
    }
    copies += sources.length;
  }

  @Override
  public List<Score> extend(List<Span> spans, int alternatives) {
    before.accept("extend");
    List<Score> scores = new ArrayList<>();
    for (Span span : spans) {
      System.arraycopy(span.ids(), 0, columns[span.slot()], span.begin(), span.ids().length);
      tokensRead += span.ids().length;
      int end = span.begin() + span.ids().length;
      for (int i = 0; i < span.targets().length; i++) {
        scores.add(score(span.slot(), end - span.targets().length + i + 1, span.targets()[i]));
      }
    }
    return scores;
  }

  /** A number that tells the first columns and the token apart from others. */
  private Score score(int slot, int length, int token) {
    return new Score(score(columns[slot], length, token), new int[0], new float[0]);
  }

  static float score(int[] ids, int length, int token) {
    return -next(ids, length, token / 1000f) - token / 100f;
  }

  @Override
  public List<Drawn> decode(List<Row> rows, int steps, int alternatives) {
    before.accept("decode");
    calls++;
    mostRows = Math.max(mostRows, rows.size());
    List<Drawn> drawn = new ArrayList<>();
    for (int slot = 0; slot < rows.size(); slot++) {
      Row row = rows.get(slot);
      int[] tokens = new int[steps];
      int token = row.token();
      for (int s = 0; s < steps; s++) {
        int at = Math.min(row.position() + s, columns[slot].length - 1);
        columns[slot][at] = token;
        token = next(columns[slot], at + 1, row.uniforms()[s]);
        tokens[s] = token;
      }
      drawn.add(new Drawn(tokens, List.of()));
    }
    return drawn;
  }

  @Override
  public void close() {
    closed = true;
  }
}
