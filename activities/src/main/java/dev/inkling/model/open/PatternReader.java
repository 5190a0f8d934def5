package dev.inkling.model.open;

import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/**
 * Reads a regular expression into an automaton over code points.
 *
 * <p>Understood is what RE2 and Java mean alike and what a finite automaton can do: characters and
 * escapes, {@code . [a-z] [^a-z] \d \w \s \D \W \S \n \t \r \xhh}, groups, {@code |} and {@code * +
 * ? {n} {n,} {n,m}}. The dot is everything but a line's end. {@code ^} at the start and {@code $}
 * at the end may stand there, for the whole answer must match anyway. Everything else is refused by
 * name.
 */
final class PatternReader {
  private static final int LAST = Character.MAX_CODE_POINT;
  private static final String QUANTIFIERS = "*+?{";

  private final String pattern;
  private final int end;
  private int at;

  private PatternReader(String pattern) {
    this.pattern = pattern;
    this.end = pattern.length();
  }

  /**
   * Reads a whole pattern.
   *
   * @throws IllegalArgumentException for people, if it is not one or needs more than an automaton
   */
  static Automaton read(String pattern) {
    try {
      // Its parser is the judge of what is a regular expression at all, and says where it is not.
      com.google.re2j.Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "the pattern '%s' is not a regular expression that can be followed token by token: %s. Look-around and back references have no place in it"
              .formatted(pattern, e.getMessage()),
          e);
    }
    PatternReader reader = new PatternReader(pattern);
    Automaton automaton = reader.alternatives();
    if (reader.at < reader.end) {
      throw reader.refused("the ')' without a '('");
    }
    return automaton;
  }

  private Automaton alternatives() {
    List<Automaton> parts = new ArrayList<>(List.of(sequence()));
    while (take('|')) {
      parts.add(sequence());
    }
    return parts.size() == 1 ? parts.getFirst() : Operations.union(parts);
  }

  private Automaton sequence() {
    List<Automaton> parts = new ArrayList<>();
    while (at < end && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
      parts.add(repeated(atom()));
    }
    return parts.isEmpty() ? Automata.makeEmptyString() : Operations.concatenate(parts);
  }

  private Automaton repeated(Automaton atom) {
    Automaton result = atom;
    while (at < end && QUANTIFIERS.indexOf(pattern.charAt(at)) >= 0) {
      if (pattern.charAt(at) == '{' && !counted()) {
        return result;
      }
      result =
          switch (pattern.charAt(at++)) {
            case '*' -> Operations.repeat(result);
            case '+' -> Operations.repeat(result, 1);
            case '?' -> Operations.optional(result);
            default -> times(result);
          };
      // Reluctant or not, the answers that match are the same.
      take('?');
    }
    return result;
  }

  /** Whether the brace here begins a count; otherwise it is a character. */
  private boolean counted() {
    return pattern.substring(at, end).matches("(?s)\\{\\d+(,\\d*)?\\}.*");
  }

  private Automaton times(Automaton atom) {
    int close = pattern.indexOf('}', at);
    String[] bounds = pattern.substring(at, close).split(",", -1);
    at = close + 1;
    int least = Integer.parseInt(bounds[0]);
    if (bounds.length == 2 && bounds[1].isEmpty()) {
      return Operations.repeat(atom, least);
    }
    return Operations.repeat(atom, least, Integer.parseInt(bounds[bounds.length - 1]));
  }

  private Automaton atom() {
    int c = next();
    return switch (c) {
      case '(' -> group();
      case '[' -> automaton(characters());
      case '.' -> automaton(without('\n'));
      case '^', '$' -> anchor(c);
      case '\\' -> automaton(escaped());
      default -> Automata.makeChar(c);
    };
  }

  private Automaton anchor(int c) {
    if (at != (c == '^' ? 1 : end)) {
      throw refused("'" + (char) c + "' within it");
    }
    return Automata.makeEmptyString();
  }

  private Automaton group() {
    if (take('?') && !take(':')) {
      throw refused("a group '(?" + (char) next() + "', a flag or a name,");
    }
    Automaton inner = alternatives();
    take(')');
    return inner;
  }

  private BitSet characters() {
    boolean negated = take('^');
    BitSet set = new BitSet();
    // A bracket that closes at once stands for itself.
    do {
      member(set);
    } while (pattern.charAt(at) != ']');
    at++;
    return negated ? complement(set) : set;
  }

  private void member(BitSet set) {
    if (pattern.startsWith("[:", at)) {
      throw refused("a named class '[:'");
    }
    // Java takes it for the part that two classes have in common, RE2 for a character.
    if (pattern.startsWith("&&", at)) {
      throw refused("'&&' in a class");
    }
    int c = next();
    BitSet first = c == '\\' ? escaped() : one(c);
    if (pattern.charAt(at) == '-' && pattern.charAt(at + 1) != ']' && first.cardinality() == 1) {
      at++;
      int last = next();
      BitSet to = last == '\\' ? escaped() : one(last);
      set.set(first.nextSetBit(0), to.length());
    } else {
      set.or(first);
    }
  }

  private BitSet escaped() {
    int c = next();
    return switch (c) {
      case 'd' -> digits();
      case 'D' -> complement(digits());
      case 's' -> spaces();
      case 'S' -> complement(spaces());
      case 'w' -> letters();
      case 'W' -> complement(letters());
      case 'n' -> one('\n');
      case 't' -> one('\t');
      case 'r' -> one('\r');
      case 'f' -> one('\f');
      case 'x' -> one(hexadecimal());
      default -> {
        if (c < 128 && Character.isLetterOrDigit(c)) {
          throw refused("'\\" + (char) c + "'");
        }
        yield one(c);
      }
    };
  }

  private int hexadecimal() {
    int close = take('{') ? pattern.indexOf('}', at) : at + 2;
    int value = Integer.parseInt(pattern.substring(at, close), 16);
    at = pattern.charAt(at - 1) == '{' ? close + 1 : close;
    return value;
  }

  private static BitSet one(int c) {
    BitSet set = new BitSet();
    set.set(c);
    return set;
  }

  private static BitSet digits() {
    BitSet set = new BitSet();
    set.set('0', '9' + 1);
    return set;
  }

  private static BitSet spaces() {
    BitSet set = new BitSet();
    "\t\n\f\r ".chars().forEach(set::set);
    return set;
  }

  private static BitSet letters() {
    BitSet set = digits();
    set.set('A', 'Z' + 1);
    set.set('a', 'z' + 1);
    set.set('_');
    return set;
  }

  private static BitSet without(int c) {
    return complement(one(c));
  }

  /** Surrogates are no characters: no text has one alone. */
  private static BitSet complement(BitSet set) {
    BitSet others = (BitSet) set.clone();
    others.flip(0, LAST + 1);
    others.clear(Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1);
    return others;
  }

  private static Automaton automaton(BitSet set) {
    List<int[]> ranges = new ArrayList<>();
    for (int from = set.nextSetBit(0); from >= 0; ) {
      int to = set.nextClearBit(from);
      ranges.add(new int[] {from, to - 1});
      from = set.nextSetBit(to);
    }
    return ranges.isEmpty()
        ? Automata.makeEmpty()
        : Automata.makeCharClass(
            ranges.stream().mapToInt(r -> r[0]).toArray(),
            ranges.stream().mapToInt(r -> r[1]).toArray());
  }

  private int next() {
    int c = pattern.codePointAt(at);
    at += Character.charCount(c);
    return c;
  }

  private boolean take(char c) {
    if (at < end && pattern.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private IllegalArgumentException refused(String what) {
    return new IllegalArgumentException(
        "the pattern '%s' has %s before character %d, which answers cannot be held to token by token. Write it with characters, classes such as [a-z] or \\d, groups, | and * + ? {n,m}"
            .formatted(pattern, what, at));
  }
}
