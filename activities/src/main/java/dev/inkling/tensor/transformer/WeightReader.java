package dev.inkling.tensor.transformer;

import ai.djl.ndarray.NDArray;
import dev.inkling.model.weights.Weights;
import java.util.Arrays;

/** Reads a network's tensors from files to a device. */
record WeightReader(Weights source, TensorBytes bytes, Numbers numbers) {

  /** A tensor in the type that the network computes with. */
  NDArray read(WeightOrder.Place place) {
    return read(place, place.isMatrix() ? numbers.matrices() : numbers.vectors());
  }

  /** An embedding whose rows are only looked up: as the file has it, where that is exact. */
  NDArray lookedUp(WeightOrder.Place embedding) {
    NumberType stored = NumberType.of(source.tensor(embedding.parts().getFirst().name()).type());
    NumberType computed = numbers.matrices();
    return read(embedding, computed == NumberType.FLOAT32 ? stored : computed);
  }

  private NDArray read(WeightOrder.Place place, NumberType type) {
    return copied(place, bytes.room(place.shape(), type));
  }

  /** The same into a tensor that is there. */
  NDArray copied(WeightOrder.Place place, NDArray tensor) {
    long offset = 0;
    for (WeightOrder.Part part : place.parts()) {
      Weights.Stored stored = source.tensor(part.name());
      if (!Arrays.equals(stored.shape(), part.shape())) {
        throw new IllegalArgumentException(
            "'%s' has the shape %s, but the configuration asks for %s"
                .formatted(
                    part.name(), Arrays.toString(stored.shape()), Arrays.toString(part.shape())));
      }
      bytes.fill(tensor, offset, stored.bytes(), NumberType.of(stored.type()));
      offset += part.size();
    }
    source.unload();
    return tensor;
  }
}
