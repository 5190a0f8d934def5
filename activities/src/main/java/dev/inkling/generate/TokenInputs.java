package dev.inkling.generate;

import dev.inkling.spec.DatasetSpec;
import dev.inkling.tensor.Counter;
import dev.inkling.tensor.Inputs;
import dev.inkling.tensor.Member;

/**
 * Random token sequences: two draws for each position decide whether it is the marked token, and
 * else which.
 */
public record TokenInputs(DatasetSpec.TokenSequences spec) implements Inputs {
  @Override
  public Type type() {
    return Type.TOKENS;
  }

  @Override
  public int width() {
    return spec.length();
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public void tokens(Member member, int row, long[] target, int offset) {
    long key = member.key("token-sequences", spec.stream());
    for (int i = 0; i < spec.length(); i++) {
      long position = 2L * ((long) row * spec.length() + i);
      boolean marked = Counter.uniform(key, position) < spec.markedProbability();
      target[offset + i] =
          marked ? spec.markedToken() : Counter.below(spec.vocabulary(), key, position + 1);
    }
  }
}
