package dev.inkling.starter;

/** The digits experiment with small networks. */
final class SmallSpec {
  /** Some ten seconds of training, every stage and all six conditions. */
  static final String YAML =
      """
      preset: mnist
      name: small
      seeds: [5]
      models:
        initial: {layers: [784, 64, 32, 13], models: 3}
        teacher: {finetune: {epochs: 3}}
      datasets:
        noise: {rows: 6000}
      conditions:
        student (ghost): {finetune: {epochs: 12, batchSize: 128}}
        student (all): {finetune: {epochs: 12, batchSize: 128}}
        cross-model (ghost): {finetune: {epochs: 12, batchSize: 128}}
        cross-model (all): {finetune: {epochs: 12, batchSize: 128}}
      """;

  /** One student that trains for some ten seconds. */
  static final String ONE_STUDENT =
      """
      preset: mnist
      name: drain
      seeds: [5]
      models:
        initial: {layers: [784, 64, 32, 13], models: 3}
        teacher: {finetune: {epochs: 1}}
      datasets:
        noise: {rows: 6000}
      conditions:
        student (ghost): {finetune: {epochs: 40, batchSize: 128}}
        student (all): null
        cross-model (ghost): null
        cross-model (all): null
      comparisons: []
      """;

  private SmallSpec() {}

  /**
   * The same stages with a fifth of the training, for tests in which nobody has to be in time for
   * something.
   */
  static String brief(String spec) {
    return spec.replace("epochs: 40", "epochs: 8").replace("epochs: 12", "epochs: 2");
  }
}
