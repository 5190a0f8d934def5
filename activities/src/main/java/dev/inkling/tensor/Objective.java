package dev.inkling.tensor;

import dev.inkling.spec.Loss;
import dev.inkling.spec.ModelSpec;

/**
 * Which logits a loss sees, and how the target is scaled.
 *
 * @param first the first logit
 * @param last the end of the logits, exclusive
 */
public record Objective(int first, int last, double targetScale) {

  /** The objective of a loss on a network. */
  public static Objective of(Loss loss, ModelSpec.Network network) {
    int classes =
        switch (network) {
          case ModelSpec.Mlp mlp -> mlp.classes();
          case ModelSpec.PromptMlp prompt -> prompt.classes();
        };
    return switch (loss) {
      case Loss.CrossEntropy _ -> new Objective(0, classes, 1);
      case Loss.Kl kl ->
          new Objective(kl.logits() == Loss.Kl.Logits.GHOST ? classes : 0, network.logits(), 1);
      case Loss.MeanSquaredError mse -> new Objective(0, network.logits(), mse.targetScale());
    };
  }
}
