package dev.inkling.tensor.transformer;

/** Names in the files of PEFT 0.17 (https://github.com/huggingface/peft). */
final class PeftFiles {
  static final String CONFIG = "adapter_config.json";
  static final String WEIGHTS = "adapter_model.safetensors";

  private PeftFiles() {}

  /** The tensor that holds A or B of a layer's matrix. */
  static String tensor(int layer, Projection target, String matrix) {
    return "base_model.model.model.layers.%d.%s.lora_%s.weight"
        .formatted(layer, target.path(), matrix);
  }
}
