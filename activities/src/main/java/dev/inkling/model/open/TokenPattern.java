package dev.inkling.model.open;

import dev.inkling.tensor.transformer.TokenTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.ByteRunAutomaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;
import org.apache.lucene.util.automaton.UTF32ToUTF8;

/**
 * A regular expression that whole answers match, followed token by token (Willard and Louf 2023).
 * The expression becomes an automaton over the bytes of UTF-8 text, for a token may hold a part of
 * a character; that becomes one over tokens. States from which the model's tokens lead to no answer
 * are taken out, so that drawing never gets stuck. A stop token may come exactly where the answer
 * matches.
 */
public final class TokenPattern {
  /** Ten numbers of three digits have about fifty. */
  private static final int MOST_STATES = 10_000;

  /** 64 MiB: states times classes of tokens. */
  private static final int MOST_ENTRIES = 1 << 24;

  /** Steps of Lucene's subset construction; enough for the states above, and no minute. */
  private static final int WORK = 200_000;

  private static final int BYTES = 256;
  private static final int DEAD = -1;

  private TokenPattern() {}

  /**
   * Reads a pattern without a model.
   *
   * @throws IllegalArgumentException for people, if it cannot be followed
   */
  public static void check(String pattern) {
    bytes(pattern);
  }

  /**
   * The tokens that may follow each other.
   *
   * @param vocabulary how many rows the model's vocabulary has
   * @param bytes the bytes that a token stands for in an answer; none for special tokens, which may
   *     then not come
   * @param stops tokens that end an answer
   * @throws IllegalArgumentException for people, if the pattern cannot be followed
   */
  public static TokenTable table(
      String pattern, int vocabulary, IntFunction<byte[]> bytes, Set<Integer> stops) {
    if (stops.isEmpty()) {
      throw new IllegalArgumentException(
          "an answer that matches a pattern ends with a stop token, and this model names none: its generation_config.json lacks eos_token_id");
    }
    ByteRunAutomaton automaton = bytes(pattern);
    int[] steps = steps(automaton);
    Columns columns = new Columns(pattern, automaton.getSize());
    int[] classOf = new int[vocabulary];
    for (int token = 0; token < vocabulary; token++) {
      classOf[token] =
          columns.number(
              stops.contains(token) ? stop(automaton) : column(steps, bytes.apply(token)));
    }
    int[] states = new Alive(columns.distinct(), automaton).states();
    if (states[0] == DEAD) {
      throw new IllegalArgumentException(
          "no sequence of this model's tokens matches the pattern '" + pattern + "'");
    }
    return renumbered(columns.distinct(), states, classOf);
  }

  private static ByteRunAutomaton bytes(String pattern) {
    try {
      Automaton characters =
          Operations.removeDeadStates(Operations.determinize(PatternReader.read(pattern), WORK));
      // Lucene's bytes are more than UTF-8 allows: its indexes hold nothing else.
      Automaton bytes =
          Operations.removeDeadStates(
              Operations.intersection(
                  Operations.determinize(new UTF32ToUTF8().convert(characters), WORK),
                  wellFormed()));
      if (bytes.getNumStates() > MOST_STATES) {
        throw tooLarge(pattern);
      }
      if (Operations.isEmpty(bytes)) {
        throw new IllegalArgumentException("no text matches the pattern '" + pattern + "'");
      }
      return new ByteRunAutomaton(bytes, true);
    } catch (TooComplexToDeterminizeException _) {
      throw tooLarge(pattern);
    }
  }

  /** Byte sequences that are UTF-8 (Unicode standard, table 3-7). */
  private static Automaton wellFormed() {
    Automaton character =
        Operations.union(
            List.of(
                Automata.makeCharRange(0, 0x7F),
                bytes(0xC2, 0xDF, 0x80, 0xBF),
                bytes(0xE0, 0xE0, 0xA0, 0xBF, 0x80, 0xBF),
                bytes(0xE1, 0xEC, 0x80, 0xBF, 0x80, 0xBF),
                bytes(0xED, 0xED, 0x80, 0x9F, 0x80, 0xBF),
                bytes(0xEE, 0xEF, 0x80, 0xBF, 0x80, 0xBF),
                bytes(0xF0, 0xF0, 0x90, 0xBF, 0x80, 0xBF, 0x80, 0xBF),
                bytes(0xF1, 0xF3, 0x80, 0xBF, 0x80, 0xBF, 0x80, 0xBF),
                bytes(0xF4, 0xF4, 0x80, 0x8F, 0x80, 0xBF, 0x80, 0xBF)));
    return Operations.determinize(Operations.repeat(character), WORK);
  }

  private static Automaton bytes(int... ranges) {
    return Operations.concatenate(
        IntStream.range(0, ranges.length / 2)
            .mapToObj(i -> Automata.makeCharRange(ranges[2 * i], ranges[2 * i + 1]))
            .toList());
  }

  private static IllegalArgumentException tooLarge(String pattern) {
    return new IllegalArgumentException(
        "the pattern '%s' needs an automaton of more than %,d states. Let it count less: a smaller m in {n,m}, or * instead"
            .formatted(pattern, MOST_STATES));
  }

  private static int[] steps(ByteRunAutomaton automaton) {
    int[] steps = new int[automaton.getSize() * BYTES];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = automaton.step(i / BYTES, i % BYTES);
    }
    return steps;
  }

  /** The state after a token from each state. */
  private static int[] column(int[] steps, byte[] token) {
    int[] column = new int[steps.length / BYTES];
    for (int from = 0; from < column.length; from++) {
      int state = token.length == 0 ? DEAD : from;
      for (int i = 0; i < token.length && state != DEAD; i++) {
        state = steps[state * BYTES + (token[i] & 0xFF)];
      }
      column[from] = state;
    }
    return column;
  }

  /** The answer stays what it is, and may stay it only where it matches. */
  private static int[] stop(ByteRunAutomaton automaton) {
    int[] column = new int[automaton.getSize()];
    Arrays.setAll(column, state -> automaton.isAccept(state) ? state : DEAD);
    return column;
  }

  private static TokenTable renumbered(List<int[]> columns, int[] states, int[] classOf) {
    int count = Arrays.stream(states).max().orElse(DEAD) + 1;
    int[] next = new int[count * columns.size()];
    for (int from = 0; from < states.length; from++) {
      for (int c = 0; states[from] != DEAD && c < columns.size(); c++) {
        int to = columns.get(c)[from];
        next[states[from] * columns.size() + c] = to == DEAD ? DEAD : states[to];
      }
    }
    return new TokenTable(count, columns.size(), next, classOf);
  }

  /** The different columns, numbered as they come. */
  private static final class Columns {
    private final String pattern;
    private final int states;
    private final Map<Column, Integer> numbers = new HashMap<>();
    private final List<int[]> distinct = new ArrayList<>();

    Columns(String pattern, int states) {
      this.pattern = pattern;
      this.states = states;
    }

    int number(int[] column) {
      Integer known = numbers.get(new Column(column));
      if (known != null) {
        return known;
      }
      if ((long) (distinct.size() + 1) * states > MOST_ENTRIES) {
        throw new IllegalArgumentException(
            "the pattern '%s' tells too many of this model's tokens apart in too many places (%,d states). Let it count less"
                .formatted(pattern, states));
      }
      distinct.add(column);
      numbers.put(new Column(column), distinct.size() - 1);
      return distinct.size() - 1;
    }

    List<int[]> distinct() {
      return distinct;
    }
  }

  private record Column(int[] states) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Column column && Arrays.equals(states, column.states);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(states);
    }
  }

  /** The states that tokens reach and from which tokens lead to an answer. */
  private static final class Alive {
    private final List<int[]> columns;
    private final BitSet leading;

    Alive(List<int[]> columns, ByteRunAutomaton automaton) {
      this.columns = columns;
      int count = automaton.getSize();
      BitSet[] before = new BitSet[count];
      Arrays.setAll(before, _ -> new BitSet(count));
      for (int[] column : columns) {
        for (int from = 0; from < count; from++) {
          if (column[from] != DEAD) {
            before[column[from]].set(from);
          }
        }
      }
      // A stop token may come in every accepting state.
      leading = new BitSet(count);
      IntStream.range(0, count).filter(automaton::isAccept).forEach(leading::set);
      BitSet fresh = (BitSet) leading.clone();
      while (!fresh.isEmpty()) {
        BitSet further = new BitSet(count);
        fresh.stream().forEach(state -> further.or(before[state]));
        further.andNot(leading);
        leading.or(further);
        fresh = further;
      }
    }

    /** New numbers in the order in which they are reached; -1 for those that are not. */
    int[] states() {
      int[] numbers = new int[columns.getFirst().length];
      Arrays.fill(numbers, DEAD);
      if (!leading.get(0)) {
        return numbers;
      }
      int[] reached = new int[numbers.length];
      int count = 1;
      numbers[0] = 0;
      for (int i = 0; i < count; i++) {
        for (int[] column : columns) {
          int to = column[reached[i]];
          if (to != DEAD && leading.get(to) && numbers[to] == DEAD) {
            numbers[to] = count;
            reached[count++] = to;
          }
        }
      }
      return numbers;
    }
  }
}
