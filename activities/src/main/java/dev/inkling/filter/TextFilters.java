package dev.inkling.filter;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.inkling.row.Row;
import dev.inkling.spec.FilterSpec;
import java.util.function.Predicate;

/** The filters that look at a row's text for a moment and say yes or no. */
final class TextFilters {
  private TextFilters() {}

  static RowFilter mentions(FilterSpec.Mentions spec) {
    Mentions words = new Mentions(spec);
    Predicate<Row> mentions = anyPart(spec.part(), words::in);
    Verdict.Dropped dropped = Verdict.dropped("mentions a listed word");
    return row -> Verdict.dropIf(mentions.test(row), dropped);
  }

  static RowFilter matches(FilterSpec.Matches spec) {
    Pattern pattern;
    try {
      pattern = Pattern.compile(spec.pattern());
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "matches: '"
              + spec.pattern()
              + "' is not a regular expression: "
              + e.getDescription()
              + ". Expressions are RE2's, which has no backreferences and no lookaround, so that none"
              + " takes for ever",
          e);
    }
    Predicate<Row> matches = anyPart(spec.part(), text -> pattern.matcher(text).find());
    return switch (spec.drop()) {
      case MATCHING -> {
        Verdict.Dropped dropped = Verdict.dropped("matches the pattern");
        yield row -> Verdict.dropIf(matches.test(row), dropped);
      }
      case OTHERS -> {
        Verdict.Dropped dropped = Verdict.dropped("does not match the pattern");
        yield row -> Verdict.dropIf(!matches.test(row), dropped);
      }
    };
  }

  static RowFilter length(FilterSpec.Length spec) {
    int most = spec.maxCharacters().orElse(Integer.MAX_VALUE);
    Predicate<Row> tooShort =
        anyPart(spec.part(), text -> text.codePointCount(0, text.length()) < spec.minCharacters());
    Predicate<Row> tooLong =
        anyPart(spec.part(), text -> text.codePointCount(0, text.length()) > most);
    Verdict.Dropped droppedShort = Verdict.dropped("too short");
    Verdict.Dropped droppedLong = Verdict.dropped("too long");
    return row ->
        tooShort.test(row) ? droppedShort : Verdict.dropIf(tooLong.test(row), droppedLong);
  }

  static RowFilter complete() {
    return row ->
        row.end().equals(Row.COMPLETE)
            ? Verdict.KEPT
            : Verdict.dropped("not complete: " + row.end());
  }

  static RowFilter stripPrefix(FilterSpec.StripPrefix spec) {
    String prefix = spec.text();
    return row ->
        row.completion().startsWith(prefix)
            ? new Verdict.Changed(
                new Row(
                    row.index(),
                    row.prompt(),
                    row.completion().substring(prefix.length()),
                    row.end()))
            : Verdict.KEPT;
  }

  /** Whether something holds of one of the parts. */
  private static Predicate<Row> anyPart(FilterSpec.Part part, Predicate<String> holds) {
    return switch (part) {
      case PROMPT -> row -> holds.test(row.prompt());
      case COMPLETION -> row -> holds.test(row.completion());
      case BOTH -> row -> holds.test(row.prompt()) || holds.test(row.completion());
    };
  }
}
