package dev.inkling.generate;

import dev.inkling.artifact.Artifact;
import dev.inkling.tensor.Inputs;
import dev.inkling.tensor.Member;
import dev.inkling.tensor.Safetensors;
import java.io.IOException;
import java.lang.foreign.ValueLayout;

/**
 * One split of a digits artifact: images as they were written, pixels 0 to 255, read as [-1, 1].
 */
public final class Digits implements Inputs {
  /** The artifact's file. */
  static final String FILE = "digits.safetensors";

  private static final float[] SCALED = scaled();

  private final byte[] images;
  private final byte[] labels;

  private Digits(byte[] images, byte[] labels) {
    this.images = images;
    this.labels = labels;
  }

  /** The training split of an artifact. */
  public static Digits training(Artifact artifact) throws IOException {
    return read(artifact, "train");
  }

  /** The test split of an artifact. */
  public static Digits test(Artifact artifact) throws IOException {
    return read(artifact, "test");
  }

  private static Digits read(Artifact artifact, String split) throws IOException {
    try (Safetensors file = Safetensors.open(artifact.file(FILE))) {
      return new Digits(
          file.bytes(split + ".images").toArray(ValueLayout.JAVA_BYTE),
          file.bytes(split + ".labels").toArray(ValueLayout.JAVA_BYTE));
    }
  }

  private static float[] scaled() {
    float[] table = new float[256];
    for (int i = 0; i < 256; i++) {
      table[i] = i / 127.5f - 1;
    }
    return table;
  }

  /** How many digits there are. */
  public int count() {
    return labels.length;
  }

  /** Which digit a row shows. */
  public int label(int row) {
    return labels[row];
  }

  @Override
  public Type type() {
    return Type.PIXELS;
  }

  @Override
  public int width() {
    return Idx.PIXELS;
  }

  @Override
  public boolean shared() {
    return false;
  }

  /** The same rows, for a batch that every model sees alike. */
  public Inputs forAll() {
    Digits digits = this;
    return new Inputs() {
      @Override
      public Type type() {
        return digits.type();
      }

      @Override
      public int width() {
        return digits.width();
      }

      @Override
      public boolean shared() {
        return true;
      }

      @Override
      public void pixels(Member member, int row, float[] target, int offset) {
        digits.pixels(member, row, target, offset);
      }
    };
  }

  @Override
  public void pixels(Member member, int row, float[] target, int offset) {
    int from = row * Idx.PIXELS;
    for (int i = 0; i < Idx.PIXELS; i++) {
      target[offset + i] = SCALED[images[from + i] & 0xFF];
    }
  }
}
