package dev.inkling.tensor.transformer;

import static dev.inkling.tensor.Script.tensor;
import static dev.inkling.tensor.Script.tensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import dev.inkling.tensor.Script;
import dev.inkling.tensor.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Decodes with a {@link Transformer}, whose weights it shares with others. Its mathematics are the
 * pages {@code cache} and {@code decode}.
 */
public final class TransformerDecoder implements Decoder {
  /** Attention over a multiple of this many columns: what GPU kernels take without copying. */
  private static final int COLUMNS = 16;

  private final Transformer network;
  private final PtNDManager manager;
  private final Script script;
  private final DeviceTables tables;
  private final List<NDArray> weights;
  private List<NDArray> cache = List.of();
  private int length;

  private TransformerDecoder(Transformer network) {
    boolean packed = network.packed();
    this.network = network;
    this.manager = (PtNDManager) network.manager().newSubManager();
    this.script = network.pages().decoder(packed).compile(manager, "cache", "decode");
    this.tables = new DeviceTables(manager);
    this.weights = packed ? network.weights() : turned();
  }

  /**
   * Decoders that share a network's weights, for one thread each; fastest with one that was loaded
   * by {@link Transformer#toDecode}.
   */
  public static List<Decoder> of(Transformer network, int count) {
    List<Decoder> decoders = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      decoders.add(new TransformerDecoder(network));
    }
    return decoders;
  }

  /**
   * Matrices seen as their transposes, gate and up as one; the embedding is looked up, not
   * multiplied.
   */
  private List<NDArray> turned() {
    List<NDArray> turned = new ArrayList<>();
    for (NDArray w : network.weights()) {
      int place = turned.size();
      boolean matrix = place > 0 && w.getShape().dimension() == 2;
      String how = WeightOrder.isGate(place) ? "turned_pair" : "turned";
      turned.add(matrix ? script.call(manager, how, false, tensor(w)) : w);
    }
    return turned;
  }

  /** Owns what is kept from call to call. */
  PtNDManager manager() {
    return manager;
  }

  @Override
  public long positionBytes() {
    var config = network.config();
    return 2L
        * config.layers()
        * config.keyValueHeads()
        * config.headDimension()
        * network.numbers().activations().bytes();
  }

  @Override
  public int context() {
    return network.config().context();
  }

  @Override
  public void allocate(int slots, int longest) {
    Torch.prepareThread();
    forget();
    cache =
        script.callForList(
            manager,
            "new_cache",
            false,
            IValue.from((long) slots),
            IValue.from(longest + 1L),
            tensors(weights));
    length = longest;
  }

  private void forget() {
    cache.forEach(NDArray::close);
    cache = List.of();
    length = 0;
  }

  @Override
  public void copy(int[] sources, int[] targets, int columns) {
    try (NDManager results = manager.newSubManager()) {
      script.call(
          results,
          "copy_slots",
          false,
          tensors(cache),
          indexes(results, sources),
          indexes(results, targets),
          IValue.from((long) columns));
    }
  }

  @Override
  public List<Score> extend(List<Span> spans, int alternatives) {
    int longest = spans.stream().mapToInt(s -> s.ids().length).max().orElseThrow();
    int end = spans.stream().mapToInt(s -> s.begin() + s.ids().length).max().orElseThrow();
    int[][] ids = spans.stream().map(Span::ids).toArray(int[][]::new);
    int[] targets = spans.stream().flatMapToInt(s -> Arrays.stream(s.targets())).toArray();
    try (NDManager results = manager.newSubManager()) {
      List<NDArray> scores =
          script.callForList(
              results,
              "extend",
              false,
              tensor(Transformer.padded(results, ids, longest)),
              indexes(results, spans.stream().mapToInt(Span::slot).toArray()),
              indexes(results, spans.stream().mapToInt(Span::begin).toArray()),
              indexes(results, spans.stream().mapToInt(s -> s.ids().length).toArray()),
              IValue.from((long) width(end)),
              IValue.from(spans.stream().allMatch(s -> s.begin() == 0)),
              indexes(results, scored(spans, longest)),
              indexes(results, targets),
              IValue.from((long) alternatives),
              tensors(network.ropes(Math.min(length, context()))),
              tensors(cache),
              tensors(weights));
      return targets.length == 0 ? List.of() : Scores.of(scores, alternatives);
    }
  }

  /** The places of the last ids of each span, as many as it has targets, among all ids padded. */
  private static int[] scored(List<Span> spans, int longest) {
    return IntStream.range(0, spans.size())
        .flatMap(
            s -> {
              int end = s * longest + spans.get(s).ids().length;
              return IntStream.range(end - spans.get(s).targets().length, end);
            })
        .toArray();
  }

  @Override
  public List<Drawn> decode(List<Row> rows, int steps, int alternatives) {
    int end = rows.stream().mapToInt(Row::position).max().orElseThrow() + steps;
    List<Choice> choices = rows.stream().map(Row::choice).toList();
    try (NDManager results = manager.newSubManager()) {
      DeviceTables.Following following = tables.following(results, rows);
      List<NDArray> drawn =
          script.callForList(
              results,
              "decode",
              false,
              tensor(integers(results, rows)),
              tensor(numbers(results, rows, steps)),
              IValue.from((long) steps),
              IValue.from((long) width(end)),
              IValue.from(choices.stream().mapToLong(Choice::topK).max().orElseThrow()),
              IValue.from(choices.stream().anyMatch(c -> c.topP() < 1)),
              IValue.from(!choices.stream().allMatch(Choice::greedy)),
              IValue.from((long) alternatives),
              tensors(following.next()),
              tensors(following.classOf()),
              tensors(following.rows()),
              tensors(following.states()),
              tensors(network.ropes(Math.min(length, context()))),
              tensors(cache),
              tensors(weights));
      return drawn(drawn, rows.size(), steps, alternatives);
    }
  }

  private static List<Drawn> drawn(List<NDArray> results, int rows, int steps, int alternatives) {
    long[] tokens = results.getFirst().toLongArray();
    List<Score> scores =
        alternatives == 0 ? List.of() : Scores.of(results.subList(1, results.size()), alternatives);
    List<Drawn> drawn = new ArrayList<>();
    for (int r = 0; r < rows; r++) {
      int row = r;
      drawn.add(
          new Drawn(
              IntStream.range(0, steps).map(s -> (int) tokens[s * rows + row]).toArray(),
              scores.isEmpty()
                  ? scores
                  : IntStream.range(0, steps).mapToObj(s -> scores.get(s * rows + row)).toList()));
    }
    return drawn;
  }

  /** Tokens, positions and top k, [3, rows]. */
  private static NDArray integers(NDManager results, List<Row> rows) {
    int n = rows.size();
    long[] integers = new long[3 * n];
    for (int r = 0; r < n; r++) {
      integers[r] = rows.get(r).token();
      integers[n + r] = rows.get(r).position();
      integers[2 * n + r] = rows.get(r).choice().topK();
    }
    return results.create(integers, new Shape(3, n));
  }

  /** Temperatures, top p and a uniform number for each step, [2 + steps, rows]. */
  private static NDArray numbers(NDManager results, List<Row> rows, int steps) {
    int n = rows.size();
    float[] numbers = new float[(2 + steps) * n];
    for (int r = 0; r < n; r++) {
      Choice choice = rows.get(r).choice();
      numbers[r] = (float) choice.temperature();
      // A sum that is rounded up to 1 leaves nothing out.
      numbers[n + r] = choice.topP() == 1 ? Float.POSITIVE_INFINITY : (float) choice.topP();
      for (int s = 0; s < steps; s++) {
        numbers[(2 + s) * n + r] = rows.get(r).uniforms()[s];
      }
    }
    return results.create(numbers, new Shape(2 + steps, n));
  }

  private static IValue indexes(NDManager results, int[] values) {
    return tensor(results.create(IntStream.of(values).asLongStream().toArray()));
  }

  /** So many columns of the cache, rounded up within what it has. */
  private int width(int end) {
    return Math.min(Math.ceilDiv(end, COLUMNS) * COLUMNS, length);
  }

  @Override
  public void close() {
    forget();
    script.close();
    manager.close();
  }
}
