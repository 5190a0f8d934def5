package dev.inkling.finetune.weights;

import dev.inkling.spec.TrainingSpec;

/**
 * The learning rate of each step, as in Hugging Face transformers' get_scheduler: it rises from 0
 * in the warm-up steps, so that the very first step changes nothing if there are any.
 *
 * @param steps how many there are in all
 */
record LearningRate(TrainingSpec spec, long steps) {
  /**
   * The rate of a step.
   *
   * @param step from 0
   */
  double at(long step) {
    int warmup = spec.warmupSteps();
    if (step < warmup) {
      return spec.learningRate() * step / warmup;
    }
    double done = (double) (step - warmup) / Math.max(1, steps - warmup);
    return spec.learningRate()
        * switch (spec.schedule()) {
          case LINEAR -> Math.max(0, 1 - done);
          case COSINE -> Math.max(0, 0.5 * (1 + Math.cos(Math.PI * done)));
          case CONSTANT -> 1;
        };
  }
}
