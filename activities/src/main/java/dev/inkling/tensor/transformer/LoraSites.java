package dev.inkling.tensor.transformer;

import dev.inkling.model.weights.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * An adapter as the pages take it: each layer has five sites (queries, keys and values together,
 * output, gate, up, down), each site an A of all its targets' rows and a B with a block for each.
 * All of them are pieces of one flat array, which is what is trained.
 */
final class LoraSites {
  private static final List<List<Projection>> SITES =
      List.of(
          List.of(Projection.QUERY, Projection.KEY, Projection.VALUE),
          List.of(Projection.OUTPUT),
          List.of(Projection.GATE),
          List.of(Projection.UP),
          List.of(Projection.DOWN));

  private final ModelConfig config;
  private final LoraSettings settings;
  private final List<Site> sites = new ArrayList<>();
  private final int size;

  LoraSites(ModelConfig config, LoraSettings settings) {
    this.config = config;
    this.settings = settings;
    long offset = 0;
    for (int layer = 0; layer < config.layers(); layer++) {
      for (List<Projection> all : SITES) {
        List<Projection> targets = all.stream().filter(settings.targets()::contains).toList();
        int columns = settings.rank() * targets.size();
        int in = all.getFirst().in(config);
        int out = all.stream().mapToInt(p -> p.out(config)).sum();
        sites.add(new Site(layer, targets, offset, columns, in, out));
        offset += (long) columns * (in + out);
      }
    }
    this.size = Math.toIntExact(offset);
  }

  /**
   * One site of a layer.
   *
   * @param offset where its A begins in the flat array; its B follows
   * @param columns rows of A and columns of B; 0 if nothing is targeted
   */
  private record Site(
      int layer, List<Projection> targets, long offset, int columns, int in, int out) {
    int a() {
      return Math.toIntExact(offset);
    }

    int b() {
      return Math.toIntExact(offset + (long) columns * in);
    }
  }

  /** How many numbers the flat array has. */
  int size() {
    return size;
  }

  /** The shapes of all A and B in order; [0] for those that are not there. */
  List<long[]> shapes() {
    List<long[]> shapes = new ArrayList<>();
    for (Site site : sites) {
      boolean none = site.columns == 0;
      shapes.add(none ? new long[] {0} : new long[] {site.columns, site.in});
      shapes.add(none ? new long[] {0} : new long[] {site.out, site.columns});
    }
    return shapes;
  }

  /**
   * What the flat array is multiplied by before the pages see it: 1 for A, the scale for B, and 0
   * between the blocks of a B, where nothing may grow.
   */
  float[] factors() {
    float[] factors = new float[size];
    for (Site site : sites) {
      Arrays.fill(factors, site.a(), site.b(), 1);
      for (Projection target : site.targets) {
        eachOfB(site, target, (flat, _) -> factors[flat] = (float) settings.scale());
      }
    }
    return factors;
  }

  /** An adapter's numbers as the flat array. */
  float[] pack(LoraAdapter adapter) {
    adapter.checkFits(config);
    float[] flat = new float[size];
    for (Site site : sites) {
      for (Projection target : site.targets) {
        LoraAdapter.Pair pair = adapter.pair(site.layer, target);
        System.arraycopy(pair.a(), 0, flat, firstOfA(site, target), pair.a().length);
        eachOfB(site, target, (to, from) -> flat[to] = pair.b()[from]);
      }
    }
    return flat;
  }

  /** The adapter that a flat array holds. */
  LoraAdapter unpack(float[] flat) {
    List<Map<Projection, LoraAdapter.Pair>> layers = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      layers.add(new EnumMap<>(Projection.class));
    }
    for (Site site : sites) {
      for (Projection target : site.targets) {
        float[] a = new float[settings.rank() * site.in];
        float[] b = new float[target.out(config) * settings.rank()];
        System.arraycopy(flat, firstOfA(site, target), a, 0, a.length);
        eachOfB(site, target, (from, to) -> b[to] = flat[from]);
        layers.get(site.layer).put(target, new LoraAdapter.Pair(a, b));
      }
    }
    return new LoraAdapter(settings, layers);
  }

  private int firstOfA(Site site, Projection target) {
    return site.a() + site.targets.indexOf(target) * settings.rank() * site.in;
  }

  /** Takes a place in the flat array and the one in a target's own B that it stands for. */
  private interface Places {
    void take(int flat, int own);
  }

  private void eachOfB(Site site, Projection target, Places places) {
    int rank = settings.rank();
    int firstColumn = site.targets.indexOf(target) * rank;
    int firstRow = target.firstRow(config);
    for (int row = 0; row < target.out(config); row++) {
      int flat = site.b() + (firstRow + row) * site.columns + firstColumn;
      for (int column = 0; column < rank; column++) {
        places.take(flat + column, row * rank + column);
      }
    }
  }
}
