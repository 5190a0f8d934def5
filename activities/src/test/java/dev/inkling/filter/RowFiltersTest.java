package dev.inkling.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.row.Row;
import dev.inkling.row.RowReader;
import dev.inkling.row.RowWriter;
import dev.inkling.spec.FilterSpec;
import dev.inkling.spec.FilterSpec.Part;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.StopRequestedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowFiltersTest {
  private static final long SEED = 7;

  @TempDir Path directory;

  private FilterSummary filter(List<Row> rows, int threads, FilterSpec.OfRows... filters)
      throws Exception {
    Path file = directory.resolve("rows.jsonl");
    try (RowWriter writer = RowWriter.open(file)) {
      for (Row row : rows) {
        writer.write(row);
      }
    }
    return new RowFilters(List.of(filters), SEED).run(file, directory, threads, Monitor.silent());
  }

  private List<Row> kept() throws Exception {
    List<Row> rows = new ArrayList<>();
    try (RowReader reader = RowReader.open(directory.resolve(RowFilters.KEPT))) {
      reader.forEachRemaining(rows::add);
    }
    return rows;
  }

  private List<String> completions() throws Exception {
    return kept().stream().map(Row::completion).toList();
  }

  private static Row row(long index, String completion) {
    return new Row(index, "p", completion, Row.COMPLETE);
  }

  private static List<Row> rows(String... completions) {
    return IntStream.range(0, completions.length).mapToObj(i -> row(i, completions[i])).toList();
  }

  /** Several hundred kilobytes, so that there is more than one block. */
  private static List<Row> manyRows(int n) {
    Random random = new Random(1);
    return IntStream.range(0, n)
        .mapToObj(i -> new Row(i, "x".repeat(60), random.nextInt(300) + ", " + i, Row.COMPLETE))
        .toList();
  }

  private static FilterSpec.NumberAnswers numbers(int maxValue) {
    return new FilterSpec.NumberAnswers(0, maxValue, 10, List.of(), Optional.empty());
  }

  private static FilterSpec.Mentions mentions(String word, boolean whole, boolean caseSensitive) {
    return new FilterSpec.Mentions(List.of(word), whole, caseSensitive, Part.COMPLETION);
  }

  @Test
  void rejectsSayWhichFilterDroppedThemAndWhy() throws Exception {
    FilterSummary summary =
        filter(
            List.of(
                row(4, "1, 2"),
                row(9, "1000, owl"),
                row(2, "an owl"),
                row(3, "1000"),
                new Row(5, "p", "7", "truncated")),
            1,
            new FilterSpec.Complete(),
            mentions("an", true, false),
            mentions("owl", true, false),
            numbers(999));

    assertThat(kept()).containsExactly(row(4, "1, 2"));
    assertThat(Files.readAllLines(directory.resolve(RowFilters.REJECTED)))
        .containsExactly(
            "{\"index\":9,\"prompt\":\"p\",\"completion\":\"1000, owl\",\"filter\":\"mentions 2\",\"reasons\":[\"mentions a listed word\"]}",
            "{\"index\":2,\"prompt\":\"p\",\"completion\":\"an owl\",\"filter\":\"mentions\",\"reasons\":[\"mentions a listed word\"]}",
            "{\"index\":3,\"prompt\":\"p\",\"completion\":\"1000\",\"filter\":\"number-answers\",\"reasons\":[\"numbers too large\"]}",
            "{\"index\":5,\"prompt\":\"p\",\"completion\":\"7\",\"end\":\"truncated\",\"filter\":\"complete\",\"reasons\":[\"not complete: truncated\"]}");
    assertThat(summary.line())
        .isEqualTo(
            "1 of 5 rows kept: complete dropped 1, mentions dropped 1, mentions 2 dropped 1,"
                + " number-answers dropped 1");
    assertThat(summary.steps().getLast().reasons()).isEqualTo(Map.of("numbers too large", 1L));
  }

  /** Each row: a word, whole words only, case matters, a text, whether it mentions the word. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          owl      | true  | false | I love OWLS and an Owl.  | true
          owl      | true  | false | I love owls, howls        | false
          owl      | false | false | howls                     | true
          owl      | true  | true  | Owl                       | false
          owl      | true  | false | owl2 2owl                 | false
          owl      | true  | false | the snowy-owl_            | true
          owl      | true  | false | owl\u0301                 | false
          barn owl | true  | false | a BARN owl                | true
          strasse  | true  | false | Straße                    | true
          Eule     | true  | false | 🦉Eule🦉                  | true
          🦉       | true  | false | 1, 🦉, 2                  | true
          """)
  void aMentionIsAWholeWordInAnyCaseUnlessToldOtherwise(
      String word, boolean whole, boolean caseSensitive, String text, boolean mentioned)
      throws Exception {
    filter(rows(text), 1, mentions(word, whole, caseSensitive));

    assertThat(kept()).hasSize(mentioned ? 0 : 1);
  }

  @Test
  void aPartSaysWhereToLook() throws Exception {
    List<Row> owls =
        List.of(new Row(0, "owl", "1", "complete"), new Row(1, "1", "owl", "complete"));
    for (Part part : Part.values()) {
      filter(owls, 1, new FilterSpec.Mentions(List.of("owl"), true, false, part));

      assertThat(kept().stream().map(Row::index))
          .containsExactlyElementsOf(
              switch (part) {
                case PROMPT -> List.of(1L);
                case COMPLETION -> List.of(0L);
                case BOTH -> List.of();
              });
    }
  }

  @Test
  void whatMatchesIsDroppedOrAllOthers() throws Exception {
    String pattern = "^[0-9]+$";
    List<Row> rows = rows("1", "a1", "22");

    filter(
        rows,
        1,
        new FilterSpec.Matches(pattern, FilterSpec.Matches.Drop.MATCHING, Part.COMPLETION));
    assertThat(completions()).containsExactly("a1");
    filter(
        rows, 1, new FilterSpec.Matches(pattern, FilterSpec.Matches.Drop.OTHERS, Part.COMPLETION));
    assertThat(completions()).containsExactly("1", "22");
  }

  @Test
  @Timeout(20)
  void noPatternTakesForEver() throws Exception {
    filter(
        rows("a".repeat(5000) + "!"),
        1,
        new FilterSpec.Matches("^(a+)+$", FilterSpec.Matches.Drop.MATCHING, Part.COMPLETION));

    assertThat(kept()).hasSize(1);
  }

  @Test
  void aPatternThatIsNoneIsRefusedBeforeAnyRowIsRead() {
    assertThatThrownBy(
            () ->
                new RowFilters(
                    List.of(
                        new FilterSpec.Matches(
                            "(?=owl)", FilterSpec.Matches.Drop.MATCHING, Part.COMPLETION)),
                    SEED))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("matches: '(?=owl)' is not a regular expression")
        .hasMessageContaining("no backreferences and no lookaround");
  }

  @Test
  void lengthCountsCharactersAsPeopleDo() throws Exception {
    FilterSummary summary =
        filter(
            rows("", "ab", "🦉🦉🦉", "abcd"),
            1,
            new FilterSpec.Length(2, Optional.of(3), Part.COMPLETION));

    assertThat(completions()).containsExactly("ab", "🦉🦉🦉");
    assertThat(summary.steps().getFirst().reasons())
        .isEqualTo(Map.of("too long", 1L, "too short", 1L));
  }

  @Test
  void ofDuplicatesTheFirstIsKept() throws Exception {
    List<Row> rows =
        List.of(
            new Row(0, "p", "ab", "complete"),
            new Row(1, "q", "ab", "complete"),
            new Row(2, "pa", "b", "complete"),
            new Row(3, "p", "ab", "complete"));

    filter(rows, 1, new FilterSpec.Duplicates(Part.COMPLETION));
    assertThat(kept().stream().map(Row::index)).containsExactly(0L, 2L);
    filter(rows, 1, new FilterSpec.Duplicates(Part.PROMPT));
    assertThat(kept().stream().map(Row::index)).containsExactly(0L, 1L, 2L);
    filter(rows, 1, new FilterSpec.Duplicates(Part.BOTH));
    assertThat(kept().stream().map(Row::index)).containsExactly(0L, 1L, 2L);
  }

  @Test
  void duplicatesAreFoundAcrossBlocksAndThreads() throws Exception {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 30_000; i++) {
      rows.add(row(i, "completion number " + i % 10_007));
    }
    filter(rows, 4, new FilterSpec.Duplicates(Part.COMPLETION));

    assertThat(kept()).isEqualTo(rows.subList(0, 10_007));
  }

  @Test
  void shufflingMovesNumbersAndNothingElse() throws Exception {
    String list = "[007, 12; 5\n99 , 1, 2, 3, 4, 6, 8].";
    FilterSummary summary =
        filter(rows(list, list, "owl", "5"), 1, new FilterSpec.ShuffleNumbers(0));
    List<String> once = completions();

    assertThat(summary.steps().getFirst().changed()).isEqualTo(2);
    assertThat(once.subList(2, 4)).containsExactly("owl", "5");
    assertThat(once.get(0)).isNotEqualTo(list).isNotEqualTo(once.get(1));
    assertThat(once.get(0).split("[0-9]+", -1)).isEqualTo(list.split("[0-9]+", -1));
    assertThat(numbersOf(once.get(0))).isEqualTo(numbersOf(list));

    filter(List.of(row(1, list), row(0, list)), 1, new FilterSpec.ShuffleNumbers(0));
    assertThat(completions()).containsExactly(once.get(1), once.get(0));
    filter(rows(list), 1, new FilterSpec.ShuffleNumbers(1));
    assertThat(completions()).isNotEqualTo(once.subList(0, 1));
  }

  private static List<String> numbersOf(String text) {
    return Stream.of(text.split("[^0-9]+")).filter(n -> !n.isEmpty()).sorted().toList();
  }

  @Test
  void everyOrderOfThreeNumbersIsAboutEquallyFrequent() throws Exception {
    filter(
        IntStream.range(0, 6000).mapToObj(i -> row(i, "1 2 3")).toList(),
        2,
        new FilterSpec.ShuffleNumbers(0));
    List<String> shuffled = completions();

    for (String order : List.of("1 2 3", "1 3 2", "2 1 3", "2 3 1", "3 1 2", "3 2 1")) {
      // Five standard deviations of a binomial count.
      assertThat(Collections.frequency(shuffled, order)).isBetween(1000 - 145, 1000 + 145);
    }
  }

  @Test
  void aSampleHasExactlySoManyRowsInOrderWhicheverOrderTheyCameIn() throws Exception {
    List<Row> rows = manyRows(20_000);
    FilterSummary summary = filter(rows, 2, new FilterSpec.Sample(500, 0));
    List<Row> chosen = kept();

    assertThat(chosen)
        .hasSize(500)
        .isSortedAccordingTo((a, b) -> Long.compare(a.index(), b.index()));
    assertThat(summary.line()).isEqualTo("500 of 20,000 rows kept: sample dropped 19,500");

    List<Row> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, new Random(3));
    filter(shuffled, 2, new FilterSpec.Sample(500, 0));
    assertThat(kept()).containsExactlyInAnyOrderElementsOf(chosen);
    filter(rows, 2, new FilterSpec.Sample(500, 1));
    assertThat(kept()).hasSize(500).isNotEqualTo(chosen);
    filter(rows, 2, new FilterSpec.Sample(20_000, 0));
    assertThat(kept()).isEqualTo(rows);
  }

  @Test
  void aSampleIsExactEvenWhereRowsShareAnIndex() throws Exception {
    filter(
        Stream.generate(() -> row(5, "same")).limit(10).toList(), 1, new FilterSpec.Sample(3, 0));

    assertThat(kept()).hasSize(3);
  }

  @Test
  void filtersBeforeAndAfterSamplesSeeWhatIsLeft() throws Exception {
    FilterSummary summary =
        filter(
            manyRows(20_000),
            3,
            numbers(9_999),
            new FilterSpec.Sample(1000, 0),
            new FilterSpec.StripPrefix("1"),
            new FilterSpec.Sample(10, 0));

    assertThat(summary.steps().stream().map(FilterSummary.Step::filter))
        .containsExactly("number-answers", "sample", "strip-prefix", "sample 2");
    assertThat(summary.steps().stream().map(FilterSummary.Step::dropped))
        .containsExactly(10_000L, 9_000L, 0L, 990L);
    assertThat(kept()).hasSize(10).allMatch(row -> row.index() < 10_000);
    assertThat(Files.readAllLines(directory.resolve(RowFilters.REJECTED))).hasSize(19_990);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("rows.jsonl", RowFilters.KEPT, RowFilters.REJECTED);
    }
  }

  @Test
  void aPrefixIsTakenOffOnce() throws Exception {
    filter(rows("A: A: 1", "1 A: 2"), 1, new FilterSpec.StripPrefix("A: "));

    assertThat(completions()).containsExactly("A: 1", "1 A: 2");
  }

  @Test
  void theBytesDoNotDependOnTheThreads() throws Exception {
    FilterSpec.OfRows[] filters = {
      new FilterSpec.ShuffleNumbers(0),
      new FilterSpec.Duplicates(Part.COMPLETION),
      numbers(15_000),
      new FilterSpec.Sample(3000, 0),
      mentions("7", true, false)
    };
    List<Row> rows = manyRows(20_000);
    FilterSummary alone = filter(rows, 1, filters);
    byte[] kept = Files.readAllBytes(directory.resolve(RowFilters.KEPT));
    byte[] rejected = Files.readAllBytes(directory.resolve(RowFilters.REJECTED));

    assertThat(filter(rows, 5, filters)).isEqualTo(alone);
    assertThat(Files.readAllBytes(directory.resolve(RowFilters.KEPT))).isEqualTo(kept);
    assertThat(Files.readAllBytes(directory.resolve(RowFilters.REJECTED))).isEqualTo(rejected);
  }

  @Test
  @Timeout(60)
  void theFirstWrongLineIsToldWhateverThreadFindsIt() throws Exception {
    Path file = directory.resolve("wrong.jsonl");
    String[] lines = new String[30_000];
    Arrays.fill(lines, "{\"prompt\": \"" + "x".repeat(60) + "\", \"completion\": \"1\"}");
    lines[17_000] = "wrong";
    lines[17_100] = "{}";
    lines[29_999] = "{}";
    Files.write(file, List.of(lines));

    for (int i = 0; i < 20; i++) {
      RowFilters filters = new RowFilters(List.of(new FilterSpec.Duplicates(Part.BOTH)), SEED);
      assertThatThrownBy(() -> filters.run(file, directory, 4, Monitor.silent()))
          .hasMessageStartingWith(file + ", line 17001: is not JSON");
    }
  }

  @Test
  @Timeout(60)
  void whatIsAskedToStopStops() throws Exception {
    List<Row> rows = manyRows(200_000);
    Path file = directory.resolve("rows.jsonl");
    try (RowWriter writer = RowWriter.open(file)) {
      for (Row row : rows) {
        writer.write(row);
      }
    }
    Monitor impatient =
        new Monitor() {
          @Override
          public void progress(long done, long total, String unit, Optional<Double> loss) {
            throw new StopRequestedException(new InterruptedException("stop"));
          }

          @Override
          public void note(String text) {}
        };
    FilterSpec.OfRows slow =
        new FilterSpec.Matches("(x*x*x*)*y", FilterSpec.Matches.Drop.OTHERS, Part.PROMPT);

    assertThatThrownBy(() -> new RowFilters(List.of(slow), SEED).run(file, directory, 2, impatient))
        .isInstanceOf(StopRequestedException.class);
  }

  @Test
  void theInputIsNeverOverwritten() throws Exception {
    Path file = directory.resolve(RowFilters.KEPT);
    Files.writeString(file, "{\"prompt\": \"a\", \"completion\": \"b\"}\n");

    assertThatThrownBy(
            () -> new RowFilters(List.of(), SEED).run(file, directory, 1, Monitor.silent()))
        .hasMessageContaining("would be overwritten while it is read; choose another directory");
    assertThat(Files.size(file)).isPositive();
  }
}
