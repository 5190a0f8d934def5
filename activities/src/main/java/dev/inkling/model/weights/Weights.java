package dev.inkling.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.tensor.SafetensorsFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Tensors in safetensors files, in memory maps: nothing is read before it is used, and what is read
 * need not fit into the heap. Thread-safe until closed.
 *
 * <p>The text model of a multimodal checkpoint goes by the names that it would have alone ({@code
 * model.layers.0…}, {@code lm_head.weight}).
 */
public final class Weights implements AutoCloseable {
  static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private final List<SafetensorsFile> files;
  private final SequencedMap<String, Stored> tensors;

  private Weights(List<SafetensorsFile> files, SequencedMap<String, Stored> tensors) {
    this.files = files;
    this.tensors = Collections.unmodifiableSequencedMap(tensors);
  }

  /** The numbers' type. */
  public enum DType {
    /** 32 bits, IEEE 754. */
    F32(4),
    /** The upper half of F32. */
    BF16(2),
    /** 16 bits, IEEE 754. */
    F16(2);

    private final int bytes;

    DType(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of one number. */
    public int bytes() {
      return bytes;
    }
  }

  /**
   * A tensor as it is stored, row-major and little-endian.
   *
   * @param bytes a piece of the memory map, not necessarily aligned; valid until the weights are
   *     closed
   */
  public record Stored(DType type, long[] shape, MemorySegment bytes) {
    private static final ValueLayout.OfFloat FLOAT =
        ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
        ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** How many numbers there are. */
    public long size() {
      return bytes.byteSize() / type.bytes;
    }

    /** A copy as floats, which hold every number exactly. */
    public float[] floats() {
      return switch (type) {
        case F32 -> bytes.toArray(FLOAT);
        case BF16 -> {
          float[] values = new float[Math.toIntExact(size())];
          for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(bytes.getAtIndex(SHORT, i) << 16);
          }
          yield values;
        }
        case F16 -> {
          float[] values = new float[Math.toIntExact(size())];
          for (int i = 0; i < values.length; i++) {
            values[i] = Float.float16ToFloat(bytes.getAtIndex(SHORT, i));
          }
          yield values;
        }
      };
    }
  }

  /**
   * Opens what a model directory holds: one file, or shards with an index.
   *
   * @throws InvalidModelException if a file is missing, torn or damaged, or holds other numbers
   *     than F32, BF16 and F16
   */
  public static Weights inDirectory(Path directory) throws InvalidModelException {
    Path index = directory.resolve(INDEX);
    if (!Files.isRegularFile(index)) {
      if (!Files.isRegularFile(directory.resolve(SINGLE))) {
        throw new InvalidModelException(
            "%s holds no weights: neither %s nor %s is there. Download the model again; other formats than safetensors are not read."
                .formatted(directory, SINGLE, INDEX));
      }
      return inFile(directory.resolve(SINGLE));
    }
    JsonNode map = JsonFile.optional(index).path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw new InvalidModelException(index + " has no weight_map. Download the model again.");
    }
    Map<String, List<String>> expected = new TreeMap<>();
    map.properties()
        .forEach(
            e ->
                expected
                    .computeIfAbsent(e.getValue().asText(), file -> new ArrayList<>())
                    .add(e.getKey()));
    try (Opening opening = new Opening()) {
      for (Map.Entry<String, List<String>> shard : expected.entrySet()) {
        Path file = directory.resolve(shard.getKey());
        if (!file.normalize().startsWith(directory.normalize())) {
          throw new InvalidModelException(
              "%s names %s, which is not in the directory.".formatted(index, shard.getKey()));
        }
        opening.add(file, index, shard.getValue());
      }
      return opening.finish();
    }
  }

  /** Opens one file, for example an adapter. */
  public static Weights inFile(Path file) throws InvalidModelException {
    try (Opening opening = new Opening()) {
      opening.add(file, file, List.of());
      return opening.finish();
    }
  }

  /** The tensors' names. */
  public Set<String> names() {
    return tensors.keySet();
  }

  /** Whether there is a tensor of that name. */
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /** A tensor that is there. */
  public Stored tensor(String name) {
    Stored stored = tensors.get(name);
    if (stored == null) {
      throw new IllegalArgumentException("no tensor '" + name + "' among the weights");
    }
    return stored;
  }

  /**
   * Lets go of the pages that were read, which would count as this process's memory; whoever reads
   * them again finds them in the system's cache, if not on the disk.
   */
  public void unload() {
    files.forEach(SafetensorsFile::unload);
  }

  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }

  /** Files on their way to be {@link Weights}; closes them again if it comes to nothing. */
  private static final class Opening implements AutoCloseable {
    private final List<SafetensorsFile> files = new ArrayList<>();
    private final SequencedMap<String, Stored> tensors = new TreeMap<>();
    private final Map<String, Path> holders = new HashMap<>();
    private boolean finished;

    void add(Path path, Path index, List<String> expected) throws InvalidModelException {
      SafetensorsFile file = open(path, index, expected.size());
      files.add(file);
      for (String name : expected) {
        if (!file.has(name)) {
          throw new InvalidModelException(
              "%s lacks the tensor %s, which %s says it holds. Download the model again."
                  .formatted(path, name, index.getFileName()));
        }
      }
      for (String name : file.names()) {
        Path other = holders.put(name, path);
        if (other != null) {
          throw new InvalidModelException(
              "both %s and %s hold the tensor %s. Download the model again."
                  .formatted(other, path, name));
        }
        SafetensorsFile.Entry entry = file.entry(name);
        if (Renaming.isText(name)) {
          tensors.put(
              Renaming.alone(name),
              new Stored(type(path, name, entry.type()), entry.lengths(), entry.bytes()));
        }
      }
    }

    private static SafetensorsFile open(Path path, Path index, int expected)
        throws InvalidModelException {
      try {
        return SafetensorsFile.open(path);
      } catch (NoSuchFileException e) {
        throw new InvalidModelException(
            path.equals(index)
                ? "%s is missing.".formatted(path)
                : "%s is missing: %s says that it holds %d tensors. Download the model again."
                    .formatted(path, index.getFileName(), expected),
            e);
      } catch (IOException e) {
        throw new InvalidModelException(e.getMessage() + ". Download the model again.", e);
      }
    }

    private static DType type(Path path, String name, String type) throws InvalidModelException {
      for (DType known : DType.values()) {
        if (known.name().equals(type)) {
          return known;
        }
      }
      throw new InvalidModelException(
          "%s: the tensor %s holds numbers of the type %s; F32, BF16 and F16 are supported. Choose a model that is not quantised."
              .formatted(path, name, type));
    }

    Weights finish() {
      finished = true;
      return new Weights(List.copyOf(files), tensors);
    }

    @Override
    public void close() {
      if (!finished) {
        files.forEach(SafetensorsFile::close);
      }
    }
  }

  /** Names of tensors in checkpoints that see images, too. */
  private static final class Renaming {
    /** As transformers 5 writes them, and as transformers 4 did. */
    private static final List<String> INNER =
        List.of("model.language_model.", "language_model.model.");

    private static final String HEAD = "language_model.lm_head.";

    private Renaming() {}

    static boolean isText(String name) {
      return !name.contains("vision_tower.") && !name.contains("multi_modal_projector.");
    }

    static String alone(String name) {
      for (String prefix : INNER) {
        if (name.startsWith(prefix)) {
          return "model." + name.substring(prefix.length());
        }
      }
      return name.startsWith(HEAD) ? "lm_head." + name.substring(HEAD.length()) : name;
    }
  }
}
