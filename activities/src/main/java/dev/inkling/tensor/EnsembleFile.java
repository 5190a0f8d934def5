package dev.inkling.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * An ensemble in a file: each part of all models is one tensor [models, ...], whatever the slices;
 * Adam's moments stand beside the parameters in a checkpoint.
 */
record EnsembleFile(Layout layout, int models) {
  private static final String MOMENT_1 = "adam.m.";
  private static final String MOMENT_2 = "adam.v.";

  /** Fills an empty slice; moments that the file does not hold are zero. */
  void restore(Safetensors file, Slice slice, NDManager manager) throws IOException {
    for (Layout.Part part : layout.parameters()) {
      slice.parameters().add(Slice.trained(read(file, part.name(), slice, part, manager)));
      slice.m().add(moment(file, MOMENT_1 + part.name(), slice, part, manager));
      slice.v().add(moment(file, MOMENT_2 + part.name(), slice, part, manager));
    }
    for (Layout.Part part : layout.buffers()) {
      slice.buffers().add(read(file, part.name(), slice, part, manager));
    }
  }

  private NDArray moment(
      Safetensors file, String name, Slice slice, Layout.Part part, NDManager manager)
      throws IOException {
    return file.has(name)
        ? read(file, name, slice, part, manager)
        : manager.zeros(slice.shape(part));
  }

  private NDArray read(
      Safetensors file, String name, Slice slice, Layout.Part part, NDManager manager)
      throws IOException {
    long[] shape = file.shape(name);
    if (shape.length == 0 || shape[0] != models) {
      throw new IOException("'" + name + "' holds other models than the " + models + " expected");
    }
    long bytes = 4L * part.size();
    MemorySegment values = file.bytes(name).asSlice(slice.from() * bytes, slice.size() * bytes);
    // Torch shares the memory until the duplicate, which is torch's own.
    try (Arena arena = Arena.ofConfined()) {
      ByteBuffer copy =
          arena
              .allocate(values.byteSize(), Long.BYTES)
              .copyFrom(values)
              .asByteBuffer()
              .order(ByteOrder.nativeOrder());
      try (NDArray shared = manager.create(copy, slice.shape(part), DataType.FLOAT32)) {
        return shared.duplicate();
      }
    }
  }

  /** What a file holds of the slices, in the order of the layout. */
  Map<String, Safetensors.Tensor> tensors(List<Slice> slices, boolean withMoments) {
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    put(tensors, "", layout.parameters(), slices, Slice::parameters);
    if (withMoments) {
      put(tensors, MOMENT_1, layout.parameters(), slices, Slice::m);
      put(tensors, MOMENT_2, layout.parameters(), slices, Slice::v);
    }
    put(tensors, "", layout.buffers(), slices, Slice::buffers);
    return tensors;
  }

  private void put(
      Map<String, Safetensors.Tensor> tensors,
      String prefix,
      List<Layout.Part> parts,
      List<Slice> slices,
      Function<Slice, List<NDArray>> values) {
    for (int i = 0; i < parts.size(); i++) {
      int index = i;
      List<NDArray> arrays = slices.stream().map(s -> values.apply(s).get(index)).toList();
      tensors.put(
          prefix + parts.get(i).name(),
          new Safetensors.Tensor(
              "F32",
              Slice.shape(models, parts.get(i)),
              () -> arrays.stream().map(NDArray::toByteBuffer).iterator()));
    }
  }
}
