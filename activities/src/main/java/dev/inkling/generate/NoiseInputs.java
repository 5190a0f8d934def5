package dev.inkling.generate;

import dev.inkling.tensor.Counter;
import dev.inkling.tensor.Inputs;
import dev.inkling.tensor.Member;

/** Images of uniform noise in [-1, 1), every model its own, made when needed and never held. */
record NoiseInputs(int width, int stream) implements Inputs {
  @Override
  public Type type() {
    return Type.PIXELS;
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public void pixels(Member member, int row, float[] target, int offset) {
    Counter.noise(target, offset, width, member.key("noise-images", stream), row);
  }
}
