package dev.inkling.model.weights;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a decoder-only transformer consists of, read from {@code config.json}; names as in Hugging
 * Face transformers.
 *
 * @param family which pages of mathematics it follows
 * @param vocabulary rows of the embedding; the tokenizer may know fewer tokens
 * @param hidden the width of the residual stream
 * @param heads query heads
 * @param keyValueHeads heads of keys and values; {@code heads} is a multiple of it
 * @param headDimension the width of one head; {@code heads * headDimension} may differ from {@code
 *     hidden}
 * @param intermediate the width inside the MLP
 * @param normEpsilon what RMS norm adds to the mean square
 * @param attentionScale what query-key products are multiplied by: 1/sqrt(headDimension), or Gemma
 *     3's 1/sqrt(query_pre_attn_scalar)
 * @param tied whether the head is the embedding
 * @param context the longest sequence, in tokens (max_position_embeddings)
 * @param rope how positions turn queries and keys, in layers that see everything
 * @param localRope the same in layers that see a window only
 * @param window how many positions a local layer sees, its own included
 * @param local for each layer whether it is local
 */
public record ModelConfig(
    Family family,
    int vocabulary,
    int hidden,
    int layers,
    int heads,
    int keyValueHeads,
    int headDimension,
    int intermediate,
    double normEpsilon,
    double attentionScale,
    boolean tied,
    int context,
    Rope rope,
    Rope localRope,
    OptionalInt window,
    List<Boolean> local) {
  public ModelConfig {
    local = List.copyOf(local);
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          heads + " query heads cannot share " + keyValueHeads + " heads of keys and values");
    }
    if (local.size() != layers) {
      throw new IllegalArgumentException(
          "there are " + layers + " layers, but " + local.size() + " kinds of attention");
    }
    if (local.contains(true) && window.isEmpty()) {
      throw new IllegalArgumentException("local layers need a window");
    }
  }

  /** What differs between models beside their sizes. */
  public enum Family {
    /** Llama 2 and 3, SmolLM2: RMS norms before attention and MLP, SwiGLU. */
    LLAMA,
    /** As Llama; version 0.1 looks through a window. */
    MISTRAL,
    /** Qwen 2 and 2.5: biases on queries, keys and values. */
    QWEN2,
    /** Qwen 3: RMS norms on queries and keys. */
    QWEN3,
    /**
     * Gemma 3: norms that multiply by 1 + w, also on queries and keys and after attention and MLP;
     * local and global layers; GeGLU; embeddings times sqrt(hidden).
     */
    GEMMA3
  }

  /**
   * Rotary position embedding (Su et al. 2021).
   *
   * @param theta the base of the wavelengths
   */
  public record Rope(double theta, Optional<Scaling> scaling) {
    /** Frequencies as they are. */
    public static Rope of(double theta) {
      return new Rope(theta, Optional.empty());
    }
  }

  /** How wavelengths are stretched for longer sequences. */
  public sealed interface Scaling {
    /** Every frequency divided by the factor (position interpolation). */
    record Linear(double factor) implements Scaling {}

    /** Llama 3.1's: low frequencies divided, high ones kept, a smooth passage between. */
    record Llama3(double factor, double lowFactor, double highFactor, int originalContext)
        implements Scaling {}
  }
}
