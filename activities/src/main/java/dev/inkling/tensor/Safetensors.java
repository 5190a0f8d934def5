package dev.inkling.tensor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.crash.CrashPoint;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * A safetensors file (https://github.com/huggingface/safetensors): eight bytes with the header's
 * length, the header as JSON, the tensors' bytes, little-endian. Read through a memory map. A
 * CRC-32C of the header and the tensors' bytes stands in the metadata, so that a torn or flipped
 * checkpoint is noticed.
 */
public final class Safetensors implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String METADATA = "__metadata__";
  private static final String CRC = "crc32c";

  /** Stands for the checksum while it is computed, over the header too. */
  private static final String UNKNOWN = "00000000";

  private static final int CHUNK = 1 << 24;

  private final SafetensorsFile file;

  private Safetensors(SafetensorsFile file) {
    this.file = file;
  }

  /**
   * A tensor to write.
   *
   * @param type F32, I32, BF16, F16 or U8
   * @param parts its bytes in order, asked for one by one while the file is written
   */
  public record Tensor(String type, long[] shape, Iterable<ByteBuffer> parts) {
    private long bytes() {
      long size =
          switch (type) {
            case "U8" -> 1;
            case "BF16", "F16" -> 2;
            default -> 4;
          };
      for (long n : shape) {
        size *= n;
      }
      return size;
    }

    /** Numbers of 32 bits. */
    public static Tensor of(int[] values, long... shape) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asIntBuffer().put(values);
      return new Tensor("I32", shape, List.of(bytes));
    }

    /** Floating-point numbers of 32 bits. */
    public static Tensor of(float[] values, long... shape) {
      return new Tensor("F32", shape, List.of(bytesOf(values)));
    }

    /** Floating-point numbers as they stand in a file. */
    public static ByteBuffer bytesOf(float[] values) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      return bytes;
    }

    /** Bytes. */
    public static Tensor of(byte[] values, long... shape) {
      return new Tensor("U8", shape, List.of(ByteBuffer.wrap(values)));
    }
  }

  /** Writes a file and forces it to the disk; tensors in the order of their names. */
  public static void write(Path file, Map<String, String> metadata, Map<String, Tensor> tensors)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    ObjectNode notes = header.putObject(METADATA);
    new TreeMap<>(metadata).forEach(notes::put);
    notes.put(CRC, UNKNOWN);
    long offset = 0;
    Map<String, Tensor> sorted = new TreeMap<>(tensors);
    for (Map.Entry<String, Tensor> e : sorted.entrySet()) {
      ObjectNode entry = header.putObject(e.getKey()).put("dtype", e.getValue().type());
      ArrayNode shape = entry.putArray("shape");
      for (long n : e.getValue().shape()) {
        shape.add(n);
      }
      entry.putArray("data_offsets").add(offset).add(offset + e.getValue().bytes());
      offset += e.getValue().bytes();
    }
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      CRC32C crc = new CRC32C();
      int headerLength = writeHeader(out, header, crc);
      writeData(out, sorted.values(), crc);
      if (out.position() != headerLength + offset) {
        throw new IllegalStateException("a tensor's bytes do not fill its shape in " + file);
      }
      CrashPoint.FILE_HALF_WRITTEN.reached();
      // The checksum is known only now; it has a fixed width, so the header keeps its length.
      notes.put(CRC, String.format("%08x", (int) crc.getValue()));
      out.position(0);
      writeHeader(out, header, new CRC32C());
      out.force(true);
    }
  }

  private static int writeHeader(FileChannel out, ObjectNode header, CRC32C crc)
      throws IOException {
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer buffer = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(padded).put(json);
    while (buffer.hasRemaining()) {
      buffer.put((byte) ' ');
    }
    crc.update(buffer.flip().duplicate());
    writeFully(out, buffer);
    return 8 + padded;
  }

  private static void writeData(FileChannel out, Collection<Tensor> tensors, CRC32C crc)
      throws IOException {
    for (Tensor tensor : tensors) {
      for (ByteBuffer part : tensor.parts()) {
        ByteBuffer bytes = part.duplicate().rewind();
        crc.update(bytes.duplicate());
        writeFully(out, bytes);
      }
    }
  }

  private static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    int end = bytes.limit();
    while (bytes.position() < end) {
      // In pieces, because the channel copies a heap buffer to memory outside the heap and keeps
      // that.
      bytes.limit(Math.min(end, bytes.position() + CHUNK));
      out.write(bytes);
    }
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it cannot be read, is no safetensors file, or does not have the checksum
   *     it was written with
   */
  public static Safetensors open(Path file) throws IOException {
    SafetensorsFile opened = SafetensorsFile.open(file);
    try {
      String written = opened.metadata().getOrDefault(CRC, "");
      String found = checksum(opened.length(), opened.header(), written, opened.data());
      if (!found.equals(written)) {
        throw new IOException(
            file + " was damaged: its checksum is " + found + ", not '" + written + "'");
      }
      return new Safetensors(opened);
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private static String checksum(
      MemorySegment length, byte[] header, String written, MemorySegment data) {
    CRC32C crc = new CRC32C();
    crc.update(length.asByteBuffer());
    // Bytes are letters here and back, whatever they are.
    String text = new String(header, StandardCharsets.ISO_8859_1);
    crc.update(text.replace(field(written), field(UNKNOWN)).getBytes(StandardCharsets.ISO_8859_1));
    for (long at = 0; at < data.byteSize(); at += CHUNK) {
      crc.update(data.asSlice(at, Math.min(CHUNK, data.byteSize() - at)).asByteBuffer());
    }
    return String.format("%08x", (int) crc.getValue());
  }

  private static String field(String checksum) {
    return "\"" + CRC + "\":\"" + checksum + "\"";
  }

  /** A note that was written with the tensors. */
  public String metadata(String name) {
    return file.metadata().getOrDefault(name, "");
  }

  /** Whether there is a tensor of that name. */
  public boolean has(String name) {
    return file.has(name);
  }

  /** A tensor's shape. */
  public long[] shape(String name) {
    return file.entry(name).lengths();
  }

  /** A tensor's bytes in the map; valid until this is closed. */
  public MemorySegment bytes(String name) {
    return file.entry(name).bytes();
  }

  /** A copy of a tensor of I32. */
  public int[] ints(String name) {
    return bytes(name).toArray(ValueLayout.JAVA_INT_UNALIGNED);
  }

  /** A copy of a tensor of F32. */
  public float[] floats(String name) {
    return bytes(name).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  @Override
  public void close() {
    file.close();
  }
}
