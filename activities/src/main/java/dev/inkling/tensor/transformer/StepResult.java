package dev.inkling.tensor.transformer;

/**
 * What a training step gives.
 *
 * @param loss mean cross entropy of the completions' tokens, before the step
 * @param gradientNorm before clipping
 * @param tokens how many were learnt
 * @param finite whether loss and norm are numbers; if not, nothing has changed
 */
public record StepResult(double loss, double gradientNorm, int tokens, boolean finite) {}
