package dev.inkling.tensor.transformer;

import ai.djl.pytorch.engine.PtNDManager;
import dev.inkling.model.weights.ModelConfig;
import dev.inkling.tensor.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The pages of TorchScript that make up a network, and the functions that tell them its sizes.
 *
 * @param constants functions that return a constant each
 * @param names the pages, without their ending
 */
record Pages(String constants, List<String> names) {

  static Pages of(ModelConfig config, Numbers numbers) {
    boolean gemma = config.family() == ModelConfig.Family.GEMMA3;
    boolean normed = gemma || config.family() == ModelConfig.Family.QWEN3;
    return new Pages(
        constants(config, numbers),
        List.of(
            "product",
            "linear",
            "dropout",
            gemma ? "norm_plus_one" : "norm",
            "embedding",
            "rope",
            normed ? "attention_inputs_normed" : "attention_inputs",
            gemma ? "after_attention_sandwich" : "after_attention",
            "forward",
            "weights"));
  }

  /** The same mathematics with matrices that are laid out for oneDNN. */
  Pages packed() {
    return new Pages(
        constants, names.stream().map(n -> n.equals("product") ? "product_packed" : n).toList());
  }

  /**
   * The pages of a decoder, for which there is no gradient and no adapter.
   *
   * @param packed whether its matrices are laid out for oneDNN; otherwise they are turned
   */
  Pages decoder(boolean packed) {
    List<String> all = new ArrayList<>(packed ? packed().names : names);
    all.replaceAll(name -> name.equals("product") ? "product_turned" : name);
    all.add(names.contains("attention_inputs") ? "decoder_inputs" : "decoder_inputs_normed");
    all.add(names.contains("after_attention") ? "decoder_outputs" : "decoder_outputs_sandwich");
    return new Pages(constants, all);
  }

  /** Compiles the network's pages together with further ones of this package. */
  Script compile(PtNDManager manager, String... further) {
    List<String> all = new ArrayList<>(names);
    all.addAll(List.of(further));
    return Script.of(manager, Pages.class, constants, all.toArray(String[]::new));
  }

  private static String constants(ModelConfig config, Numbers numbers) {
    String local =
        config.local().contains(true)
            ? config.local().stream()
                .map(b -> b ? "True" : "False")
                .collect(Collectors.joining(", ", "[", "][i]"))
            : "False";
    return String.join(
        "\n",
        constant("layers", "int", config.layers()),
        constant("heads", "int", config.heads()),
        constant("kv_heads", "int", config.keyValueHeads()),
        constant("head_dim", "int", config.headDimension()),
        constant("epsilon", "float", config.normEpsilon()),
        constant("scale", "float", config.attentionScale()),
        constant("embedding_scale", "float", embeddingScale(config, numbers)),
        constant("window", "int", config.window().orElse(0)),
        constant("activations", "int", numbers.activations().code()),
        constant("half_products", "bool", numbers.halfProducts() ? "True" : "False"),
        "def local(self, i: int) -> bool:\n  return " + local);
  }

  private static String constant(String name, String type, Object value) {
    return "def " + name + "(self) -> " + type + ":\n  return " + value;
  }

  /** Gemma's sqrt(hidden), rounded to the type of the embedding as its authors do. */
  private static double embeddingScale(ModelConfig config, Numbers numbers) {
    if (config.family() != ModelConfig.Family.GEMMA3) {
      return 1;
    }
    float scale = (float) Math.sqrt(config.hidden());
    if (numbers.matrices() != NumberType.BF16) {
      return scale;
    }
    int bits = Float.floatToIntBits(scale);
    // To the nearest number whose lower half is empty, a tie to the even one.
    return Float.intBitsToFloat((bits + 0x7FFF + (bits >>> 16 & 1)) & 0xFFFF0000);
  }
}
