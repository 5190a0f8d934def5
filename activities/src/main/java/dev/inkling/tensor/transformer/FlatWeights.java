package dev.inkling.tensor.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.IValue;
import dev.inkling.model.weights.ModelConfig;
import dev.inkling.tensor.Safetensors;
import dev.inkling.tensor.Script;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All of a network's weights as one flat float32 tensor, in their order; a head that is the
 * embedding is there once.
 *
 * @param shapes of the pieces
 */
record FlatWeights(NDArray values, List<long[]> shapes) {

  /** Copies a network's weights and frees them, one by one, so that few are there twice. */
  static FlatWeights take(
      Transformer network, NDManager manager, Script script, TensorBytes bytes) {
    List<WeightOrder.Place> places = places(network.config());
    long size = size(network.config());
    NDArray values = bytes.room(new long[] {size}, NumberType.FLOAT32);
    long at = 0;
    for (int i = 0; i < places.size(); i++) {
      NDArray weight = network.weights().get(i);
      if (places.get(i).size() > 0) {
        script
            .call(
                manager,
                "place",
                true,
                Script.tensor(values),
                IValue.from(at),
                Script.tensor(weight))
            .close();
        at += places.get(i).size();
      }
      if (i != WeightOrder.HEAD || !network.config().tied()) {
        weight.close();
      }
    }
    return new FlatWeights(
        values, places.stream().filter(p -> p.size() > 0).map(WeightOrder.Place::shape).toList());
  }

  /** How many numbers all weights are. */
  static long size(ModelConfig config) {
    return places(config).stream().mapToLong(WeightOrder.Place::size).sum();
  }

  /** How many of the pieces belong to no layer. */
  static long outer(ModelConfig config) {
    return config.tied() ? WeightOrder.OUTER - 1 : WeightOrder.OUTER;
  }

  /** Pieces in the order in which the pages take weights. */
  List<NDArray> inOrder(List<NDArray> pieces, Transformer network) {
    List<NDArray> weights = new ArrayList<>();
    int next = 0;
    List<WeightOrder.Place> places = places(network.config());
    for (int i = 0; i < places.size(); i++) {
      if (places.get(i).size() > 0) {
        weights.add(pieces.get(next++));
      } else if (i == WeightOrder.HEAD) {
        weights.add(weights.getFirst());
      } else {
        weights.add(network.manager().create(new Shape(0)));
      }
    }
    return weights;
  }

  /** Writes a flat tensor as the weights of a model directory. */
  static void write(Path file, Transformer network, NDArray values, TensorBytes bytes)
      throws IOException {
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    long at = 0;
    for (WeightOrder.Place place : places(network.config())) {
      NumberType type =
          place.isMatrix() ? network.numbers().matrices() : network.numbers().vectors();
      for (WeightOrder.Part part : place.parts()) {
        tensors.put(
            part.name(),
            new Safetensors.Tensor(
                type == NumberType.BF16 ? "BF16" : "F32",
                part.shape(),
                bytes.pieces(values, at, part.size(), type)));
        at += part.size();
      }
    }
    Safetensors.write(file, Map.of("format", "pt"), tensors);
  }

  /** The network's tensors; nothing in the head's place where it is the embedding. */
  private static List<WeightOrder.Place> places(ModelConfig config) {
    List<WeightOrder.Place> places = new ArrayList<>(WeightOrder.of(config));
    if (config.tied()) {
      places.set(WeightOrder.HEAD, new WeightOrder.Place(List.of()));
    }
    return places;
  }
}
