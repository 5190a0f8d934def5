package dev.inkling.tensor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file of anybody (https://github.com/huggingface/safetensors) in a memory map, of
 * any size: eight bytes with the header's length, the header as JSON, the tensors' bytes,
 * little-endian. Opening it checks that the header describes exactly the bytes that are there.
 */
public final class SafetensorsFile implements AutoCloseable {
  /** The greatest header that the format allows. */
  private static final long LONGEST_HEADER = 100_000_000;

  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final String METADATA = "__metadata__";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  /** Bits of one number, by the names that the format gives to types. */
  private static final Map<String, Integer> BITS =
      Map.ofEntries(
          Map.entry("BOOL", 8),
          Map.entry("U8", 8),
          Map.entry("I8", 8),
          Map.entry("F8_E4M3", 8),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E8M0", 8),
          Map.entry("U16", 16),
          Map.entry("I16", 16),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("U32", 32),
          Map.entry("I32", 32),
          Map.entry("F32", 32),
          Map.entry("U64", 64),
          Map.entry("I64", 64),
          Map.entry("F64", 64));

  private final Arena arena;
  private final MemorySegment all;
  private final long headerLength;
  private final Map<String, String> metadata;
  private final Map<String, Entry> entries;

  private SafetensorsFile(
      Arena arena,
      MemorySegment all,
      long headerLength,
      Map<String, String> metadata,
      Map<String, Entry> entries) {
    this.arena = arena;
    this.all = all;
    this.headerLength = headerLength;
    this.metadata = Collections.unmodifiableMap(metadata);
    this.entries = Collections.unmodifiableMap(entries);
  }

  /**
   * A tensor as it is stored.
   *
   * @param type the format's name of the numbers' type, for example BF16
   * @param bytes in the map; valid until the file is closed
   */
  public record Entry(String type, List<Long> shape, MemorySegment bytes) {
    /** The shape as an array. */
    public long[] lengths() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it cannot be read, or its header is no JSON or does not describe exactly
   *     the bytes behind it; the message names the file and, where it is one tensor's fault, the
   *     tensor
   */
  public static SafetensorsFile open(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel in = FileChannel.open(file)) {
      MemorySegment all = in.map(FileChannel.MapMode.READ_ONLY, 0, in.size(), arena);
      long length = all.byteSize() < 8 ? -1 : all.get(LENGTH, 0);
      if (length < 2 || length > Math.min(all.byteSize() - 8, LONGEST_HEADER)) {
        throw new IOException(file + " is no safetensors file, or was torn");
      }
      JsonNode header = parsed(file, all.asSlice(8, length).toArray(ValueLayout.JAVA_BYTE));
      Map<String, String> metadata = new LinkedHashMap<>();
      header
          .path(METADATA)
          .properties()
          .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
      Map<String, Entry> entries = new LayoutCheck(file, all.asSlice(8 + length)).entries(header);
      return new SafetensorsFile(arena, all, length, metadata, entries);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static JsonNode parsed(Path file, byte[] header) throws IOException {
    JsonNode parsed;
    try {
      parsed = JSON.readTree(header);
    } catch (IOException e) {
      // The places that Jackson tells are places in an array of ours, which help nobody.
      String why =
          String.valueOf(e.getMessage())
              .replaceAll("(?s)\\s*\\(?(start marker )?at \\[Source:.*", "");
      throw new IOException(
          "%s is no safetensors file, or is damaged: its header is no JSON: %s"
              .formatted(file, why),
          e);
    }
    if (!parsed.isObject()) {
      throw new IOException(file + " is no safetensors file: its header is no JSON object");
    }
    return parsed;
  }

  /** The names of the tensors, in the order of the header. */
  public Set<String> names() {
    return entries.keySet();
  }

  /** What was noted beside the tensors. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Whether there is a tensor of that name. */
  public boolean has(String name) {
    return entries.containsKey(name);
  }

  /** A tensor that is there. */
  public Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("no tensor '" + name + "' in the file");
    }
    return entry;
  }

  /** The eight bytes before the header. */
  MemorySegment length() {
    return all.asSlice(0, 8);
  }

  /** The header as it stands in the file. */
  byte[] header() {
    return all.asSlice(8, headerLength).toArray(ValueLayout.JAVA_BYTE);
  }

  /** All tensors' bytes. */
  MemorySegment data() {
    return all.asSlice(8 + headerLength);
  }

  /** Lets go of the pages that were read; they are read again when they are needed. */
  public void unload() {
    all.unload();
  }

  @Override
  public void close() {
    arena.close();
  }

  /** Whether a header describes the bytes behind it, each byte once. */
  private record LayoutCheck(Path file, MemorySegment data) {
    private record Place(String name, long from, long to) {}

    Map<String, Entry> entries(JsonNode header) throws IOException {
      Map<String, Entry> entries = new LinkedHashMap<>();
      List<Place> places = new ArrayList<>();
      long end = 0;
      for (Map.Entry<String, JsonNode> e : header.properties()) {
        if (!e.getKey().equals(METADATA)) {
          Place place = place(e.getKey(), e.getValue().path("data_offsets"));
          places.add(place);
          end = Math.max(end, place.to);
        }
      }
      if (end > data.byteSize()) {
        throw new IOException(
            "%s was torn: its header describes %d bytes of tensors, but there are %d"
                .formatted(file, end, data.byteSize()));
      }
      gapless(places);
      for (Place place : places) {
        entries.put(place.name, entry(place, header.path(place.name)));
      }
      return entries;
    }

    private Place place(String name, JsonNode offsets) throws IOException {
      long from = offsets.path(0).asLong(-1);
      long to = offsets.path(1).asLong(-1);
      if (offsets.size() != 2 || from < 0 || to < from) {
        throw wrong(name, "has no place in the file: data_offsets are " + offsets);
      }
      return new Place(name, from, to);
    }

    private void gapless(List<Place> places) throws IOException {
      List<Place> sorted = new ArrayList<>(places);
      sorted.sort(Comparator.comparingLong(Place::from).thenComparingLong(Place::to));
      long at = 0;
      for (Place place : sorted) {
        if (place.from != at) {
          throw wrong(
              place.name,
              "begins at byte %d, but the one before it ends at %d: they %s"
                  .formatted(place.from, at, place.from < at ? "overlap" : "leave a hole"));
        }
        at = place.to;
      }
      if (at != data.byteSize()) {
        throw new IOException(
            "%s is damaged: its header describes %d bytes of tensors, but there are %d"
                .formatted(file, at, data.byteSize()));
      }
    }

    private Entry entry(Place place, JsonNode described) throws IOException {
      String type = described.path("dtype").asText();
      Integer bits = BITS.get(type);
      if (bits == null) {
        throw wrong(place.name, "has numbers of the unknown type '" + type + "'");
      }
      List<Long> shape = new ArrayList<>();
      double size = bits / 8;
      for (JsonNode n : described.path("shape")) {
        if (!n.canConvertToLong() || n.asLong() < 0) {
          throw wrong(place.name, "has the impossible shape " + described.path("shape"));
        }
        shape.add(n.asLong());
        size *= n.asLong();
      }
      // Exact as a double for all sizes that a file can have.
      if (size != place.to - place.from) {
        throw wrong(
            place.name,
            "has %d bytes, which do not fill its shape %s of %s"
                .formatted(place.to - place.from, shape, type));
      }
      return new Entry(type, List.copyOf(shape), data.asSlice(place.from, place.to - place.from));
    }

    private IOException wrong(String tensor, String what) {
      return new IOException("%s is damaged: its tensor %s %s".formatted(file, tensor, what));
    }
  }
}
