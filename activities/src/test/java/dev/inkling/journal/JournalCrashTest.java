package dev.inkling.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Store;
import dev.inkling.crash.CrashPoint;
import dev.inkling.row.Row;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Journals of processes that end without warning, and how much memory a large one needs. */
@Timeout(120)
class JournalCrashTest {
  private static final String KEY = "b".repeat(64);

  @TempDir Path home;

  private Process child(Class<?> main, String heap, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                home.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static Store.Work claim(Path home) {
    return new LocalStore(home, Clock.systemUTC(), Map.of()).claim(KEY, "me").orElseThrow();
  }

  private List<Long> indices() throws IOException {
    try (Store.Work work = claim(home);
        Journal<Row> journal = Journal.open(work, Row.class)) {
      List<Long> indices = new ArrayList<>();
      journal.inOrder(
          (index, row) -> {
            assertThat(row).isEqualTo(Writer.row(index));
            indices.add(index);
          });
      return indices;
    }
  }

  @Test
  void everyRowThatAKilledProcessSaidItKeptIsThere() throws Exception {
    long next = 0;
    for (int kill = 0; kill < 4; kill++) {
      Process process = child(Writer.class, "64m", Map.of());
      try (BufferedReader said =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        long first = Long.parseLong(said.readLine());
        assertThat(first).isGreaterThanOrEqualTo(next);
        next = first;
        long enough = first + 1000 + 777L * kill;
        for (String line = said.readLine(); line != null; line = said.readLine()) {
          long number = Long.parseLong(line);
          // A line of what it says may be torn, too, and then reads smaller.
          next = Math.max(next, number + 1);
          if (number >= enough) {
            // SIGKILL; what it has said up to then can still be read.
            process.toHandle().destroyForcibly();
          }
        }
      }
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    List<Long> indices = indices();
    assertThat(indices).hasSizeGreaterThanOrEqualTo((int) next);
    for (int i = 0; i < indices.size(); i++) {
      assertThat(indices.get(i)).isEqualTo(i);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"JOURNAL_APPENDED", "JOURNAL_FORCED"})
  void aCrashBesideAnEffectLosesNoRow(CrashPoint point) throws Exception {
    Process process = child(Writer.class, "64m", Map.of("INKLING_CRASH_AT", point + ":7"));
    long said = process.inputReader(StandardCharsets.UTF_8).lines().skip(1).count();

    assertThat(process.waitFor()).isEqualTo(CrashPoint.CODE);
    assertThat(indices()).hasSizeGreaterThanOrEqualTo((int) said);
    assertThat(indices().size()).isGreaterThanOrEqualTo(7);
  }

  @Test
  void aMillionRowsFitIntoASmallHeapAndAreWrittenInOrder() throws Exception {
    Process process = child(Million.class, "48m", Map.of());
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isZero();
    System.out.println("JournalCrashTest: " + said.trim());
    Path output = home.resolve("rows.txt");
    long[] next = {0};
    try (var lines = Files.lines(output)) {
      lines.forEach(line -> assertThat(line).isEqualTo("answer " + next[0]++));
    }
    assertThat(next[0]).isEqualTo(Million.ROWS);
  }

  /** Writes the rows that are missing, one after the other, and says each that is kept. */
  static final class Writer {
    private Writer() {}

    static Row row(long index) {
      return new Row(index, "question " + index, "answer " + index, Row.COMPLETE);
    }

    /** Goes on until it is killed. */
    public static void main(String[] arguments) throws Exception {
      try (Store.Work work = claim(Path.of(arguments[0]));
          Journal<Row> journal = Journal.open(work, Row.class)) {
        long index = journal.count();
        System.out.println(index);
        while (true) {
          journal.append(index, row(index));
          System.out.println(index);
          index++;
        }
      }
    }
  }

  /** A million rows in two attempts, in an order that jumps about; then all in order. */
  static final class Million {
    static final int ROWS = 1_000_000;

    private Million() {}

    /** Says how long it took. */
    public static void main(String[] arguments) throws Exception {
      Path home = Path.of(arguments[0]);
      long began = System.nanoTime();
      for (int half = 0; half < 2; half++) {
        try (Store.Work work = claim(home);
            Journal<Row> journal = Journal.open(work, Row.class)) {
          for (int i = half; i < ROWS; i += 2) {
            // As answers arrive: within a window of a thousand nothing is in order.
            int index = i / 1000 * 1000 + i * 7 % 1000;
            journal.append(index, Writer.row(index));
          }
        }
      }
      long written = System.nanoTime();
      try (Store.Work work = claim(home);
          Journal<Row> journal = Journal.open(work, Row.class);
          var out = Files.newBufferedWriter(home.resolve("rows.txt"))) {
        long opened = System.nanoTime();
        journal.inOrder((index, row) -> out.append(row.completion()).append('\n'));
        long done = System.nanoTime();
        System.out.printf(
            "a million rows: written in %.1f s, opened in %.1f s, read in order in %.1f s%n",
            (written - began) / 1e9, (opened - written) / 1e9, (done - opened) / 1e9);
      }
    }
  }
}
