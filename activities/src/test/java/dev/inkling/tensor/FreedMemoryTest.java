package dev.inkling.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@SuppressWarnings("restricted") // C's library is asked for memory, and gets it back.
class FreedMemoryTest {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final long BLOCK = 100 << 10;

  /** Blocks below a last one that is in use: glibc keeps them. */
  @Test
  void whatGlibcKeepsGoesBackToTheSystem() throws Throwable {
    assumeTrue(LINKER.defaultLookup().find("malloc_trim").isPresent(), "needs glibc");
    MethodHandle malloc =
        function("malloc", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    MethodHandle free = function("free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
    List<MemorySegment> blocks = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      MemorySegment block = (MemorySegment) malloc.invokeExact(BLOCK);
      blocks.add(block.reinterpret(BLOCK).fill((byte) 1));
    }
    MemorySegment last = blocks.removeLast();
    for (MemorySegment block : blocks) {
      free.invokeExact(block);
    }
    long kept = resident();
    FreedMemory.giveBack();
    assertThat(kept - resident()).isGreaterThan(80 << 20);
    free.invokeExact(last);
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), type);
  }

  private static long resident() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
