package dev.inkling.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Memory that torch has freed, and that C's library keeps for what may come: after weights were
 * loaded, a third of what they take.
 */
public final class FreedMemory {
  private FreedMemory() {}

  /** Gives it back to the system; does nothing where the library is not glibc. */
  @SuppressWarnings("restricted") // A function without pointers.
  public static void giveBack() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> trim = linker.defaultLookup().find("malloc_trim");
    if (trim.isPresent()) {
      FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG);
      try {
        int _ = (int) linker.downcallHandle(trim.get(), type).invokeExact(0L);
      } catch (Throwable e) {
        throw new IllegalStateException("malloc_trim cannot be called", e);
      }
    }
  }
}
