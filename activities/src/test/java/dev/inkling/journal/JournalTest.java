package dev.inkling.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Store;
import dev.inkling.row.Row;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  private static final String KEY = "a".repeat(64);

  @TempDir Path home;

  private Store.Work claim() {
    return new LocalStore(home, Clock.systemUTC(), Map.of()).claim(KEY, "me").orElseThrow();
  }

  private Path file(int number) {
    return home.resolve("work").resolve(KEY).resolve("journal-" + number + ".jsonl");
  }

  private static Row row(long index) {
    return new Row(index, "Zähle: \"" + index + "\"\n", "🦉".repeat((int) index % 5), "complete");
  }

  /** Writes the rows in an attempt of its own. */
  private void write(long... indices) throws IOException {
    try (Store.Work work = claim();
        Journal<Row> journal = Journal.open(work, Row.class)) {
      for (long index : indices) {
        assertThat(journal.append(index, row(index))).isTrue();
      }
    }
  }

  /** What another attempt reads. */
  private SortedMap<Long, Row> read() throws IOException {
    try (Store.Work work = claim();
        Journal<Row> journal = Journal.open(work, Row.class)) {
      return rows(journal);
    }
  }

  private static SortedMap<Long, Row> rows(Journal<Row> journal) throws IOException {
    TreeMap<Long, Row> rows = new TreeMap<>();
    long[] last = {-1};
    journal.inOrder(
        (index, row) -> {
          assertThat(index).isGreaterThan(last[0]).isEqualTo(row.index());
          last[0] = index;
          rows.put(index, row);
        });
    assertThat(journal.count()).isEqualTo(rows.size());
    return rows;
  }

  @Test
  void rowsOfSeveralAttemptsAreReadInTheOrderOfTheirIndices() throws IOException {
    write(7, 3, 5000);
    write(4, 0);

    SortedMap<Long, Row> rows = read();

    assertThat(rows.keySet()).containsExactly(0L, 3L, 4L, 7L, 5000L);
    rows.forEach((index, row) -> assertThat(row).isEqualTo(row(index)));
  }

  @Test
  void theFirstValueOfAnIndexStays() throws IOException {
    write(1);
    try (Store.Work work = claim();
        Journal<Row> journal = Journal.open(work, Row.class)) {
      assertThat(journal.has(1)).isTrue();
      assertThat(journal.append(1, new Row(1, "another", "", "complete"))).isFalse();
      assertThat(journal.append(2, row(2))).isTrue();
      assertThat(journal.append(2, new Row(2, "another", "", "complete"))).isFalse();
    }

    assertThat(read()).containsEntry(1L, row(1)).containsEntry(2L, row(2)).hasSize(2);
  }

  @Test
  void aLineIsOneJsonObjectWithItsChecksum() throws IOException {
    write(3);

    assertThat(Files.readString(file(1)))
        .matches("\\{\"crc\":\"[0-9a-f]{8}\",\"forced\":0,\"index\":3,\"value\":\\{.*}}\n");
  }

  @Test
  void aTornLastLineIsDroppedWhereverItIsTorn() throws IOException {
    write(0, 1, 2);
    byte[] whole = Files.readAllBytes(file(1));
    int last = whole.length - Files.readAllLines(file(1)).getLast().getBytes(UTF_8).length;
    for (int length = last; length < whole.length; length += 7) {
      unseal();
      Files.write(file(1), Arrays.copyOf(whole, length));
      assertThat(read().keySet()).as("torn at " + length).containsExactly(0L, 1L);
    }
  }

  /** A line may be torn so that it parses, for example by blocks that never reached the disk. */
  @Test
  void aTornLineThatParsesIsNoticedByItsChecksum() throws IOException {
    write(0, 1);
    unseal();
    String text = Files.readString(file(1));
    Files.writeString(file(1), text.replaceAll("\"complete\"}}\n$", "\"complexe\"}}\n"));

    assertThat(read().keySet()).containsExactly(0L);
  }

  /** Makes the first segment look as if its attempt had not been followed by another one yet. */
  private void unseal() throws IOException {
    Files.writeString(
        home.resolve("work").resolve(KEY).resolve("journals.json"),
        "{\"segments\":[{\"file\":\"journal-1.jsonl\"}]}");
  }

  @Test
  void afterALossOfPowerTheRowsBeforeTheFirstDamageStay() throws IOException {
    try (Store.Work work = claim();
        Journal<Row> journal = Journal.open(work, Row.class)) {
      journal.append(0, row(0));
      journal.append(1, row(1));
      journal.keep();
      journal.append(2, row(2));
      journal.append(3, row(3));
    }
    zero(Files.readAllLines(file(1)).get(0).getBytes(UTF_8).length * 2 + 40);

    assertThat(read().keySet()).containsExactly(0L, 1L);
    assertThat(read().keySet()).containsExactly(0L, 1L);
  }

  @Test
  void aLineThatWasOnTheDiskForGoodAndIsDamagedIsAnErrorThatNamesIt() throws IOException {
    try (Store.Work work = claim();
        Journal<Row> journal = Journal.open(work, Row.class)) {
      journal.append(0, row(0));
      journal.append(1, row(1));
      journal.keep();
      journal.append(2, row(2));
    }
    zero(Files.readAllLines(file(1)).get(0).getBytes(UTF_8).length + 40);

    assertThatThrownBy(this::read)
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("Line 2 of " + file(1))
        .hasMessageContaining("run the same command again");
  }

  @Test
  void damageToWhatAnEarlierAttemptHasLeftIsAnErrorToo() throws IOException {
    write(0, 1);
    write(2);
    Files.write(file(1), List.of());

    assertThatThrownBy(this::read)
        .isInstanceOf(JournalException.class)
        .hasMessageContaining("Line 1 of " + file(1));
  }

  private void zero(long at) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(file(1).toFile(), "rw")) {
      file.seek(at);
      file.write(new byte[8]);
    }
  }

  @Test
  void whatAReplacedAttemptStillWritesIsReadByNobody() throws IOException {
    Store.Work zombie = claim();
    try (Journal<Row> late = Journal.open(zombie, Row.class)) {
      late.append(0, row(0));

      try (Store.Work work = claim();
          Journal<Row> journal = Journal.open(work, Row.class)) {
        assertThat(rows(journal).keySet()).containsExactly(0L);
        late.append(1, new Row(1, "from the grave", "", "complete"));
        assertThatThrownBy(late::keep).isInstanceOf(Store.SupersededException.class);
        journal.append(1, row(1));
        late.append(2, row(2));
        assertThat(rows(journal)).containsOnly(Map.entry(0L, row(0)), Map.entry(1L, row(1)));
      }
    }

    assertThat(read()).containsOnly(Map.entry(0L, row(0)), Map.entry(1L, row(1)));
  }

  @Test
  void anAttemptThatWasReplacedBeforeItOpenedItsJournalCannotOpenIt() throws IOException {
    Store.Work zombie = claim();
    write(1);

    assertThatThrownBy(() -> Journal.open(zombie, Row.class))
        .isInstanceOf(Store.SupersededException.class);
    assertThat(read()).containsOnly(Map.entry(1L, row(1)));
  }

  @Test
  void anInterruptedThreadStillKeepsItsRow() throws IOException {
    try (Store.Work work = claim()) {
      try (Journal<Row> journal = Journal.open(work, Row.class)) {
        Thread.currentThread().interrupt();
        journal.append(0, row(0));
      }
      assertThat(Thread.interrupted()).isTrue();
    }

    assertThat(read().keySet()).containsExactly(0L);
  }

  @Test
  void aLineLongerThanAnyBufferComesBackWhole() throws IOException {
    Row large = new Row(1, "x".repeat(300_000), "y", "complete");
    try (Store.Work work = claim();
        Journal<Row> journal = Journal.open(work, Row.class)) {
      journal.append(0, row(0));
      journal.append(1, large);
      journal.append(2, row(2));
      assertThat(rows(journal)).containsEntry(1L, large);
    }

    assertThat(read()).containsEntry(1L, large).hasSize(3);
  }

  @Test
  void manyRowsInAnyOrderComeBackInOrder() throws IOException {
    int count = 20_000;
    int[] order = new SplittableRandom(3).ints(0, count).distinct().limit(count).toArray();
    try (Store.Work work = claim();
        Journal<Row> journal = Journal.open(work, Row.class)) {
      for (int index : order) {
        journal.append(index, row(index));
      }
      assertThat(rows(journal)).hasSize(count);
    }
    assertThat(read()).hasSize(count);
  }
}
