package dev.inkling.starter;

import dev.inkling.artifact.Disk;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * What lets the commands of tests start as fast as those of {@code ./inkling}: Java's ahead-of-time
 * cache, recorded once for each build. Loading classes is half of what a short command costs, and
 * the tests type hundreds.
 *
 * @param classPath that of the tests, with a jar for each directory: the cache takes no directories
 * @param cache Java's ahead-of-time cache over that class path
 */
record FastStart(String classPath, Path cache) {
  /** The cache holds for the collector that it was recorded with. */
  static final List<String> OPTIONS =
      List.of(
          "-Xmx400m",
          "-XX:+UseSerialGC",
          // Commands end before optimised code has paid for its making: 40 % less work.
          "-XX:TieredStopAtLevel=1",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Djava.awt.headless=true");

  private static final Path ALL = Path.of("target/fast-start").toAbsolutePath();

  /** That of this build, recorded by whoever comes first; test processes beside it wait. */
  static synchronized FastStart here() throws IOException {
    Files.createDirectories(ALL);
    try (FileChannel file =
        FileChannel.open(
            ALL.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.lock(); // until the file is closed
      Path mine = ALL.resolve(build());
      List<String> entries = new ArrayList<>();
      for (Path entry : entries()) {
        entries.add(
            (Files.isDirectory(entry) ? mine.resolve(entries.size() + ".jar") : entry).toString());
      }
      FastStart start =
          new FastStart(String.join(File.pathSeparator, entries), mine.resolve("inkling.aot"));
      if (!Files.exists(start.cache())) {
        for (Path old : Disk.entries(ALL)) {
          if (Files.isDirectory(old)) {
            Disk.removeAll(old);
          }
        }
        start.record(Files.createDirectories(mine));
      }
      return start;
    }
  }

  private static List<Path> entries() {
    return Stream.of(Terminal.classPath().split(File.pathSeparator))
        .map(Path::of)
        .filter(Files::exists)
        .toList();
  }

  /** Another one when a class or a library is another one. */
  private static String build() throws IOException {
    StringBuilder all = new StringBuilder(Runtime.version() + "\n" + OPTIONS);
    for (Path entry : entries()) {
      all.append('\n').append(entry);
      for (Path file : files(entry)) {
        all.append('\n').append(file).append(' ').append(Files.size(file));
        all.append(' ').append(Files.getLastModifiedTime(file).toMillis());
      }
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(all.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static List<Path> files(Path entry) throws IOException {
    try (Stream<Path> files = Files.walk(entry)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /**
   * Makes the jars and runs a small experiment, of which Java takes note. With hosted models and
   * open weights as well the recording took twice the processor time, and single commands differed
   * by a tenth or so, some up and some down.
   */
  private void record(Path directory) throws IOException {
    List<Path> entries = entries();
    for (int i = 0; i < entries.size(); i++) {
      if (Files.isDirectory(entries.get(i))) {
        pack(entries.get(i), directory.resolve(i + ".jar"));
      }
    }
    Path unfinished = directory.resolve("unfinished.aot");
    Path home = directory.resolve("home");
    try (Terminal terminal = new Terminal(home)) {
      terminal
          .java(
              Map.of(),
              List.of("-cp", classPath, "-XX:AOTCacheOutput=" + unfinished),
              Main.class.getName(),
              "run",
              "promptmlp",
              "--set",
              "seeds=[1]")
          .mustSucceed();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the cache was recorded", e);
    }
    Disk.removeAll(home);
    Files.move(unfinished, cache);
  }

  private static void pack(Path classes, Path jar) throws IOException {
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      out.setLevel(java.util.zip.Deflater.NO_COMPRESSION);
      for (Path each : files(classes)) {
        out.putNextEntry(
            new JarEntry(classes.relativize(each).toString().replace(File.separatorChar, '/')));
        Files.copy(each, out);
        out.closeEntry();
      }
    }
  }
}
