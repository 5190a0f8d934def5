package dev.inkling.finetune.weights;

import dev.inkling.artifact.Disk;
import dev.inkling.artifact.Store;
import dev.inkling.finetune.Cadence;
import dev.inkling.tensor.Safetensors;
import dev.inkling.tensor.transformer.Training;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Training's work in progress: what is trained, its moments, the step and the curve so far, each
 * checkpoint a file of its own. The last few are kept, so that a damaged one costs one interval;
 * one that cannot be gone on from is deleted, so that those kept are good ones.
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

  /**
   * Where training stands.
   *
   * @param rows how many are computed at once, if the checkpoint says so: fewer than were asked for
   *     once memory was short. Gradients of other pieces add up to other last digits.
   */
  record State(long step, double seconds, Optional<Integer> rows) {
    private static State of(Safetensors saved) throws IOException {
      String rows = saved.metadata("rows");
      try {
        return new State(
            Long.parseLong(saved.metadata("step")),
            Double.parseDouble(saved.metadata("seconds")),
            rows.isEmpty() ? Optional.empty() : Optional.of(Integer.valueOf(rows)));
      } catch (NumberFormatException e) {
        throw new IOException("it does not say where training stood: " + e.getMessage(), e);
      }
    }

    private Map<String, String> asMap() {
      Map<String, String> map = new HashMap<>();
      map.put("step", Long.toString(step));
      map.put("seconds", Double.toString(seconds));
      rows.ifPresent(n -> map.put("rows", n.toString()));
      return map;
    }
  }

  /**
   * Puts training where the last attempt left it; empty if there is nothing to go on from.
   *
   * @param curve gets what was measured until then
   */
  Optional<State> restore(Training training, Curve curve) throws IOException {
    for (Path file : newestFirst()) {
      try (Safetensors saved = Safetensors.open(file)) {
        State state = State.of(saved);
        Curve.check(saved, state.step());
        training.restore(saved);
        curve.restore(saved);
        return Optional.of(state);
      } catch (FileSystemException e) {
        // It may be whole; who may not read it now may do so later.
        throw e;
      } catch (IOException e) {
        Files.deleteIfExists(file);
        log.warn(
            "The checkpoint {} cannot be used and is deleted: {}. Training goes on from the one before it, or begins again.",
            file,
            e.getMessage());
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
    Safetensors.write(work.draft(name), state.asMap(), tensors);
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
