package dev.inkling.finetune.weights;

import dev.inkling.artifact.Disk;
import dev.inkling.artifact.Store;
import dev.inkling.finetune.Cadence;
import dev.inkling.tensor.Safetensors;
import dev.inkling.tensor.transformer.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Training's work in progress: what is trained, its moments, the step and the curve so far, each
 * checkpoint a file of its own. The last few are kept, so that a damaged one costs one interval.
 */
final class WeightCheckpoints {
  /** The one that is gone on from, and one before it. */
  static final int KEPT = 2;

  private static final Logger log = LoggerFactory.getLogger(WeightCheckpoints.class);
  private static final String PREFIX = "checkpoint-";
  private static final String SUFFIX = ".safetensors";

  private final Store.Work work;
  private final Cadence cadence;
  private final Optional<Integer> steps;

  /**
   * Checkpoints of a stage.
   *
   * @param steps after how many steps one is due, if not after the interval alone
   */
  WeightCheckpoints(Store.Work work, Duration interval, Optional<Integer> steps) {
    this.work = work;
    this.cadence = new Cadence(interval);
    this.steps = steps;
  }

  /** Where training stands. */
  record State(long step, double seconds) {}

  /**
   * Puts training where the last attempt left it; empty if there is nothing to go on from.
   *
   * @param curve gets what was measured until then
   */
  Optional<State> restore(Training training, Curve curve) throws IOException {
    for (Path file : newestFirst()) {
      try (Safetensors saved = Safetensors.open(file)) {
        training.restore(saved);
        curve.restore(saved);
        return Optional.of(
            new State(
                Long.parseLong(saved.metadata("step")),
                Double.parseDouble(saved.metadata("seconds"))));
      } catch (IOException e) {
        log.warn("A checkpoint cannot be used, the one before it is: {}", e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** Whether it is time for the next one. */
  boolean due(long step) {
    return cadence.due() || steps.filter(n -> step % n == 0).isPresent();
  }

  /** Saves. */
  void save(Training training, Curve curve, State state) throws IOException {
    long started = System.nanoTime();
    String name = PREFIX + state.step() + SUFFIX;
    Map<String, Safetensors.Tensor> tensors = training.state();
    curve.putInto(tensors);
    Safetensors.write(
        work.draft(name),
        Map.of("step", Long.toString(state.step()), "seconds", Double.toString(state.seconds())),
        tensors);
    work.checkpoint(name);
    List<Path> all = newestFirst();
    for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
      Files.deleteIfExists(old);
    }
    cadence.saved(started);
  }

  /** The newest one, for messages. */
  Optional<Path> newest() throws IOException {
    return newestFirst().stream().findFirst();
  }

  private List<Path> newestFirst() throws IOException {
    return Disk.entries(work.scratch()).stream()
        .filter(file -> name(file).startsWith(PREFIX) && name(file).endsWith(SUFFIX))
        .sorted(Comparator.comparingLong(WeightCheckpoints::step).reversed())
        .toList();
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  private static long step(Path file) {
    String name = name(file);
    return Long.parseLong(name.substring(PREFIX.length(), name.length() - SUFFIX.length()));
  }
}
