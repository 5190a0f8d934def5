package dev.inkling.model.weights;

import dev.inkling.model.weights.ModelConfig.Scaling;
import java.util.Optional;

/** How a configuration says that wavelengths are stretched. */
final class RopeScaling {
  private RopeScaling() {}

  /** The scaling that is described, if it is one. */
  static Optional<Scaling> of(ConfigNode scaling) throws InvalidModelException {
    String type = scaling.text("rope_type", scaling.text("type", "default"));
    return switch (type) {
      case "default" -> Optional.empty();
      case "linear" -> Optional.of(new Scaling.Linear(scaling.required("factor")));
      case "llama3" ->
          Optional.of(
              new Scaling.Llama3(
                  scaling.required("factor"),
                  scaling.required("low_freq_factor"),
                  scaling.required("high_freq_factor"),
                  scaling.size("original_max_position_embeddings", 0)));
      default ->
          throw scaling.unsupported(
              "rope_type", type + " (default, linear and llama3 are supported)");
    };
  }
}
