import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.InklingHome;
import dev.inkling.spec.Compute;
import dev.inkling.tensor.Torch;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * A case of {@code bench/transformer.py}: a model's directory, settings with their values, and the
 * line of JSON that a measured process ends with.
 */
record TransformerCase(Path directory, Map<String, String> settings) {
  /** How many sequences ids.i32 holds, and how long they are. */
  private static final int SEQUENCES = 1024;

  private static final int LONGEST = 256;

  static TransformerCase of(String[] arguments) {
    Torch.configure(InklingHome.directory(System.getenv()).resolve("djl"));
    return new TransformerCase(
        Path.of(arguments[0]),
        Arrays.stream(arguments)
            .skip(1)
            .map(argument -> argument.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1])));
  }

  int number(String name) {
    return Integer.parseInt(settings.get(name));
  }

  boolean on(String name) {
    return Boolean.parseBoolean(settings.getOrDefault(name, "false").toLowerCase());
  }

  Device device() {
    return onGpu() ? Device.gpu(0) : Device.cpu();
  }

  private boolean onGpu() {
    return "cuda".equals(settings.get("device"));
  }

  Compute.Precision precision() {
    return "bf16".equals(settings.get("precision"))
        ? Compute.Precision.BF16
        : Compute.Precision.FLOAT32;
  }

  /** Sequences from a first one on, cut to a length: those that the other side takes too. */
  int[][] ids(int first, int rows, int length) throws IOException {
    byte[] bytes = Files.readAllBytes(directory.resolve("ids.i32"));
    IntBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    int[][] ids = new int[rows][length];
    for (int row = 0; row < rows; row++) {
      all.get((first + row) % SEQUENCES * LONGEST, ids[row]);
    }
    return ids;
  }

  /** Prints what was measured: seconds of each step, and how many tokens a step has. */
  void report(List<Double> seconds, long tokens, Map<String, Object> more) throws IOException {
    double[] sorted = seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    double median = (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2;
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("side", "Inkling");
    line.put("ms", 1000 * median);
    line.put("least_ms", 1000 * sorted[0]);
    line.put("tokens_per_second", tokens / median);
    line.put("peak_rss_mib", memory("VmHWM:"));
    if (onGpu()) {
      allocatedAtMost().ifPresent(bytes -> line.put("peak_allocated_mib", bytes / 1048576.0));
    }
    line.putAll(more);
    IO.println(new ObjectMapper().writeValueAsString(line));
  }

  /** What the process has in memory, in MiB, after warming up and after each thousand steps more. */
  Resident watched() {
    return new Resident(number("warm"), new ArrayList<>());
  }

  record Resident(int warm, List<Double> found) {
    /** Looks, if it is time; gives what was found so far. */
    List<Double> look(int step) throws IOException {
      if (step >= warm && (step - warm) % 1000 == 0) {
        found.add(memory("VmRSS:"));
      }
      return found;
    }
  }

  private static double memory(String kind) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith(kind))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }

  /** Asks the library of {@code bench/peak.cc}, where DJL's was built with it. */
  private static OptionalLong allocatedAtMost() {
    String libraries = System.getenv("PYTORCH_LIBRARY_PATH");
    if (libraries == null) {
      return OptionalLong.empty();
    }
    SymbolLookup library =
        SymbolLookup.libraryLookup(Path.of(libraries, "libdjl_torch.so"), Arena.global());
    return library
        .find("inkling_peak_allocated")
        .map(TransformerCase::call)
        .map(OptionalLong::of)
        .orElseGet(OptionalLong::empty);
  }

  private static long call(MemorySegment function) {
    try {
      return (long)
          Linker.nativeLinker()
              .downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_LONG))
              .invokeExact();
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
