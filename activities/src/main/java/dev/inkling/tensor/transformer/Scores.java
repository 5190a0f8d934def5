package dev.inkling.tensor.transformer;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Log-probabilities as a page gives them. */
final class Scores {
  private Scores() {}

  /**
   * One score for each number of the first tensor.
   *
   * @param tensors log-probabilities [...], those of the most probable tokens [..., alternatives]
   *     and these tokens
   */
  static List<Decoder.Score> of(List<NDArray> tensors, int alternatives) {
    float[] logprobs = tensors.get(0).toFloatArray();
    float[] best = tensors.get(1).toFloatArray();
    int[] tokens = Arrays.stream(tensors.get(2).toLongArray()).mapToInt(Math::toIntExact).toArray();
    return IntStream.range(0, logprobs.length)
        .mapToObj(
            i -> {
              int from = i * alternatives;
              int to = from + alternatives;
              return new Decoder.Score(
                  logprobs[i],
                  Arrays.copyOfRange(tokens, from, to),
                  Arrays.copyOfRange(best, from, to));
            })
        .toList();
  }
}
