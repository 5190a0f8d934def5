package dev.inkling.tensor;

import dev.inkling.spec.ModelSpec;

/** How many models are worked on at once. */
public final class Slices {
  /**
   * The working memory of one step: large enough for whole small ensembles, small beside the
   * weights of large ones.
   */
  private static final long STEP_BYTES = 128L << 20;

  private Slices() {}

  /**
   * So many models that their inputs, activations and gradients of activations stay within the
   * bound.
   */
  public static int models(ModelSpec.Network network, Inputs inputs, int rows) {
    long activations =
        switch (network) {
          case ModelSpec.Mlp mlp -> mlp.layers().stream().skip(1).mapToLong(n -> 2L * 4 * n).sum();
          case ModelSpec.PromptMlp prompt ->
              2L * 4 * inputs.width() * prompt.embedding()
                  + prompt.hidden().stream().mapToLong(n -> 4L * 4 * n).sum();
        };
    return (int) Math.max(1, STEP_BYTES / (rows * (inputs.rowBytes() + activations)));
  }
}
