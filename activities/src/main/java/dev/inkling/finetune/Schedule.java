package dev.inkling.finetune;

import dev.inkling.generate.TrainingData;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.tensor.Counter;
import dev.inkling.tensor.Member;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which rows each model reads in which step: every epoch all of its rows once, in an order of its
 * own that is a function of (seed, model, epoch). Models with fewer rows have fewer steps and end
 * earlier.
 */
final class Schedule {
  private final List<Member> members;
  private final int[] sources;
  private final TrainingData data;
  private final FinetuneSpec.OfNetworks finetune;
  private final int smallestBatch;
  private final int[][] orders;
  private final int[] epochs;

  /**
   * A schedule.
   *
   * @param models independent models per seed
   * @param smallestBatch batches with fewer rows are left out: batch norm has no variance of a
   *     single row
   */
  Schedule(
      List<Member> members,
      int models,
      TrainingData data,
      FinetuneSpec.OfNetworks finetune,
      int smallestBatch) {
    this.members = members;
    this.data = data;
    this.finetune = finetune;
    this.smallestBatch = smallestBatch;
    this.orders = new int[members.size()][];
    this.epochs = new int[members.size()];
    Arrays.fill(epochs, -1);
    this.sources =
        IntStream.range(0, members.size())
            .map(
                m ->
                    switch (finetune.rows()) {
                      case OWN -> m;
                      // The next model of the same seed: a permutation that leaves none in its
                      // place.
                      case ANOTHER -> m - m % models + (m % models + 1) % models;
                    })
            .toArray();
  }

  /** Whose rows a model is trained on: its place in the ensemble. */
  int source(int member) {
    return sources[member];
  }

  /** Steps until the last model has ended. */
  long steps() {
    return IntStream.range(0, members.size())
        .mapToLong(m -> perEpoch(m) * finetune.epochs())
        .max()
        .orElse(0);
  }

  private long perEpoch(int member) {
    int rows = data.count(sources[member]);
    int rest = rows % finetune.batchSize();
    return rest >= smallestBatch ? rows / finetune.batchSize() + 1L : rows / finetune.batchSize();
  }

  /** The places of a model's rows in a step (from 0); none after its last epoch. */
  int[] places(int member, long step) {
    long perEpoch = perEpoch(member);
    if (perEpoch == 0 || step >= perEpoch * finetune.epochs()) {
      return new int[0];
    }
    int epoch = (int) (step / perEpoch);
    int rows = data.count(sources[member]);
    if (epochs[member] != epoch) {
      orders[member] = Counter.permutation(rows, members.get(member).key("order", epoch));
      epochs[member] = epoch;
    }
    int from = (int) (step % perEpoch) * finetune.batchSize();
    return Arrays.copyOfRange(orders[member], from, Math.min(rows, from + finetune.batchSize()));
  }
}
