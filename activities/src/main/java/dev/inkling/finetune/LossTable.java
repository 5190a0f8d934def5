package dev.inkling.finetune;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The training loss of each step, as reports read it. */
public final class LossTable {
  private static final String FILE = "loss.csv";

  private LossTable() {}

  /** Writes it into an artifact's directory. */
  public static void write(Path directory, float[] losses) throws IOException {
    StringBuilder table = new StringBuilder("step,loss\n");
    for (int i = 0; i < losses.length; i++) {
      table.append(i + 1).append(',').append(losses[i]).append('\n');
    }
    Files.writeString(directory.resolve(FILE), table);
  }
}
