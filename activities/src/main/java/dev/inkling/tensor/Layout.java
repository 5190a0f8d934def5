package dev.inkling.tensor;

import dev.inkling.spec.ModelSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one model of a network consists of: its TorchScript page, its parameters and its buffers
 * with their shapes and initial values.
 *
 * @param page the TorchScript page with {@code logits}
 * @param parameters trained tensors, in the order in which the page takes them
 * @param buffers tensors that training updates without gradients
 */
record Layout(String page, List<Part> parameters, List<Part> buffers) {

  /** A tensor of one model; ensembles put one axis before its shape. */
  record Part(String name, long[] shape, Initial initial) {
    int size() {
      return (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }
  }

  /** How a tensor starts. */
  sealed interface Initial {
    /** Every element the same. */
    record Constant(float value) implements Initial {}

    /** Normal with mean zero. */
    record Normal(double deviation) implements Initial {}

    /** Uniform in [-bound, bound). */
    record Uniform(double bound) implements Initial {}
  }

  static Layout of(ModelSpec.Network network) {
    return switch (network) {
      case ModelSpec.Mlp mlp -> mlp(mlp);
      case ModelSpec.PromptMlp prompt -> promptMlp(prompt);
    };
  }

  /** Weights normal(0, 1/sqrt(fan_in)), biases zero (Cloud et al. 2025, section 6). */
  private static Layout mlp(ModelSpec.Mlp mlp) {
    List<Part> parameters = new ArrayList<>();
    for (int i = 0; i + 1 < mlp.layers().size(); i++) {
      int in = mlp.layers().get(i);
      int out = mlp.layers().get(i + 1);
      parameters.add(
          part("layers." + i + ".weight", new Initial.Normal(1 / Math.sqrt(in)), in, out));
      parameters.add(part("layers." + i + ".bias", new Initial.Constant(0), 1, out));
    }
    return new Layout("mlp", parameters, List.of());
  }

  /**
   * PyTorch's defaults: torch.nn.Embedding normal(0, 1); torch.nn.Linear weight and bias uniform in
   * +-1/sqrt(fan_in); torch.nn.BatchNorm1d gain 1, shift 0, running mean 0, running variance 1.
   */
  private static Layout promptMlp(ModelSpec.PromptMlp prompt) {
    List<Part> parameters = new ArrayList<>();
    List<Part> buffers = new ArrayList<>();
    parameters.add(
        part("embedding", new Initial.Normal(1), prompt.vocabulary(), prompt.embedding()));
    int in = prompt.embedding();
    for (int i = 0; i < prompt.hidden().size(); i++) {
      int out = prompt.hidden().get(i);
      String name = "hidden." + i;
      linear(parameters, name, in, out);
      parameters.add(part(name + ".norm.gain", new Initial.Constant(1), 1, out));
      parameters.add(part(name + ".norm.shift", new Initial.Constant(0), 1, out));
      buffers.add(part(name + ".norm.mean", new Initial.Constant(0), 1, out));
      buffers.add(part(name + ".norm.variance", new Initial.Constant(1), 1, out));
      in = out;
    }
    linear(parameters, "output", in, prompt.classes());
    return new Layout("prompt_mlp", parameters, buffers);
  }

  private static void linear(List<Part> parameters, String name, int in, int out) {
    parameters.add(part(name + ".weight", new Initial.Uniform(1 / Math.sqrt(in)), in, out));
    parameters.add(part(name + ".bias", new Initial.Uniform(1 / Math.sqrt(in)), 1, out));
  }

  private static Part part(String name, Initial initial, long... shape) {
    return new Part(name, shape, initial);
  }

  /** Writes a part's initial values; a function of the model, the stream and the part alone. */
  static void initialise(Part part, Member member, int stream, float[] target, int offset) {
    long key = member.key("initial/" + part.name(), stream);
    int size = part.size();
    switch (part.initial()) {
      case Initial.Constant c -> Arrays.fill(target, offset, offset + size, c.value());
      case Initial.Normal n -> {
        for (int i = 0; i < size; i++) {
          target[offset + i] = (float) (n.deviation() * Counter.normal(key, i));
        }
      }
      case Initial.Uniform u -> {
        for (int i = 0; i < size; i++) {
          target[offset + i] = (float) (u.bound() * (2 * Counter.uniform(key, i) - 1));
        }
      }
    }
  }
}
