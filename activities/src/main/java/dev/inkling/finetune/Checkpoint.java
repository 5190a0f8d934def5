package dev.inkling.finetune;

import dev.inkling.artifact.Store;
import dev.inkling.tensor.Ensemble;
import dev.inkling.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Training's work in progress in one file: weights, Adam's moments, the number of steps done, the
 * losses so far. Replaced as a whole: a crash leaves the last one or the new one.
 */
final class Checkpoint {
  private static final Logger log = LoggerFactory.getLogger(Checkpoint.class);
  private static final String LOSSES = "training.losses";

  private static final String NAME = "checkpoint.safetensors";

  private final Store.Work work;
  private final Path file;
  private final Cadence cadence;

  /** Where training stands. */
  record State(long step, float[] losses, double seconds) {}

  Checkpoint(Store.Work work, Duration interval) {
    this.work = work;
    this.file = work.scratch().resolve(NAME);
    this.cadence = new Cadence(interval);
  }

  /** Puts the ensemble where the last attempt left it; empty if there is nothing to go on from. */
  Optional<State> restore(Ensemble ensemble) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    try (Safetensors saved = Safetensors.open(file)) {
      ensemble.restore(saved);
      return Optional.of(
          new State(
              Long.parseLong(saved.metadata("step")),
              saved.floats(LOSSES),
              Double.parseDouble(saved.metadata("seconds"))));
    } catch (IOException e) {
      log.warn("The checkpoint cannot be used, training begins anew: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /** Whether it is time for the next one. */
  boolean due() {
    return cadence.due();
  }

  /** Saves. */
  void save(Ensemble ensemble, State state) throws IOException {
    long started = System.nanoTime();
    Map<String, Safetensors.Tensor> tensors = ensemble.tensors(true);
    tensors.put(LOSSES, Safetensors.Tensor.of(state.losses(), state.losses().length));
    Safetensors.write(
        work.draft(NAME),
        Map.of("step", Long.toString(state.step()), "seconds", Double.toString(state.seconds())),
        tensors);
    work.checkpoint(NAME);
    cadence.saved(started);
  }
}
