package dev.inkling.language;

import dev.inkling.artifact.Disk;
import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.tensor.transformer.LoraAdapter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A base with adapters added to its weights, one after the other. */
final class MergedAdapters {
  private MergedAdapters() {}

  /**
   * Writes it. What stands between two adapters is a whole model; it lies beside the target, where
   * there must be room for it, and is removed however this ends.
   */
  static void write(Path base, List<Path> adapters, Path target)
      throws IOException, InvalidModelException {
    Path around = Files.createDirectories(target.toAbsolutePath().normalize().getParent());
    Path between = Files.createTempDirectory(around, ".inkling-merge");
    try {
      Path source = base;
      for (int i = 0; i < adapters.size(); i++) {
        boolean last = i == adapters.size() - 1;
        Path merged = last ? target : between.resolve(String.valueOf(i));
        try (ModelDirectory from = ModelDirectory.open(source)) {
          LoraAdapter.read(adapters.get(i), from.config()).mergeInto(source, from.config(), merged);
        }
        if (i > 0) {
          Disk.removeAll(source);
        }
        source = merged;
      }
    } finally {
      Disk.removeAll(between);
    }
  }
}
