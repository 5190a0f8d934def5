package dev.inkling.model.open;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.tensor.Counter;
import dev.inkling.tensor.transformer.TokenTable;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers follow a pattern token by token, never get stuck, and may end only where they match. */
class TokenPatternTest {
  private static final String NUMBERS = "[0-9]{1,3}(, [0-9]{1,3}){9}";

  /** Some tokens of several characters, then every byte as a token, then two special ones. */
  private static final List<String> LONG =
      List.of("12", "345", ", ", ",", " 7", "7, 8", "owl", " owls", "ab", "é", "\n\n", "12345");

  private static final int BYTES = LONG.size();
  private static final int STOP = BYTES + 256;
  private static final int SPECIAL = STOP + 1;
  private static final int VOCABULARY = SPECIAL + 1;

  private static byte[] bytes(int token) {
    if (token < BYTES) {
      return LONG.get(token).getBytes(UTF_8);
    }
    return token < STOP ? new byte[] {(byte) (token - BYTES)} : new byte[0];
  }

  private static TokenTable table(String pattern) {
    return TokenPattern.table(pattern, VOCABULARY, TokenPatternTest::bytes, Set.of(STOP));
  }

  private static int[] allowed(TokenTable table, int state) {
    return IntStream.range(0, VOCABULARY).filter(t -> table.next(state, t) >= 0).toArray();
  }

  /** A random walk until the stop token; whatever the table allows is as likely. */
  private static String walk(TokenTable table, long seed) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    int state = 0;
    for (int i = 0; i < 2000; i++) {
      int[] allowed = allowed(table, state);
      assertThat(allowed).as("after '%s'", text).isNotEmpty();
      int token = allowed[Counter.below(allowed.length, seed, i)];
      if (token == STOP) {
        return text.toString(UTF_8);
      }
      text.writeBytes(bytes(token));
      state = table.next(state, token);
    }
    return text.toString(UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        NUMBERS,
        "^[0-9]{1,3}(, [0-9]{1,3}){9}$",
        "yes|no",
        "(?:ab?c|d+){2,5}",
        "[^a-z,]{3,6}\\.",
        ".{1,8}",
        "\\d+ \\w+\\s?",
        "[\\d,. -]{1,12}",
        "é{2}|[€-₿]x",
        "\\{\"n\": \\d{1,2}\\}",
        "a{,3}",
        "(|a|b)c",
        "\\x41[]x]"
      })
  void everyWalkThatStopsMatches(String pattern) {
    TokenTable table = table(pattern);
    com.google.re2j.Pattern judge = com.google.re2j.Pattern.compile(pattern);
    for (int seed = 0; seed < 200; seed++) {
      assertThat(judge.matches(walk(table, seed))).as("%s, seed %s", pattern, seed).isTrue();
    }
  }

  /** Every split of a text into tokens is followed to its end, where exactly the stop may come. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        NUMBERS + ";1, 12, 123, 4, 5, 6, 345, 345, 9, 10;true",
        NUMBERS + ";1, 12, 123, 4, 5, 6, 345, 345, 9, 1;true",
        NUMBERS + ";1, 12, 123, 4, 5, 6, 345, 345, 9;false",
        "(owl)+;owlowl;true",
        ".*;é€𝄞;true",
        "..;𝄞é;true",
      })
  void textsMatchByteByByteAndToken(String pattern, String text, boolean matches) {
    TokenTable table = table(pattern);
    int state = 0;
    for (byte b : text.getBytes(UTF_8)) {
      state = table.next(state, BYTES + (b & 0xFF));
      assertThat(state).isNotNegative();
    }
    assertThat(table.next(state, STOP) >= 0).isEqualTo(matches);
  }

  @Test
  void aTokenOfSeveralCharactersLeadsWhereItsCharactersLead() {
    TokenTable table = table(NUMBERS);
    int one = table.next(0, BYTES + '1');
    assertThat(table.next(0, LONG.indexOf("12"))).isEqualTo(table.next(one, BYTES + '2'));
    assertThat(table.next(0, LONG.indexOf("12345"))).isNegative();
    assertThat(table.next(one, LONG.indexOf("345"))).isNegative();
    assertThat(table.next(one, LONG.indexOf(", "))).isNotNegative();
  }

  @Test
  void specialTokensMayNotCome() {
    TokenTable table = table(".*");
    assertThat(table.next(0, SPECIAL)).isNegative();
    assertThat(table.next(0, STOP)).isNotNegative();
  }

  @Test
  void whatNoTokenCanFinishIsNotBegun() {
    List<String> tokens = List.of("a", "b", "bc", "x");
    TokenTable table =
        TokenPattern.table(
            "abcd|axa|bx", 5, t -> t < 4 ? tokens.get(t).getBytes(UTF_8) : new byte[0], Set.of(4));

    // There is no token with a d, so that after a only x leads to an answer.
    int a = table.next(0, 0);
    assertThat(IntStream.range(0, 5).filter(t -> table.next(a, t) >= 0)).containsExactly(3);
    assertThat(table.next(0, 2)).isNegative();
  }

  @Test
  void tokensThatLeadToTheSamePlacesShareAClass() {
    TokenTable table = table(NUMBERS);
    assertThat(table.classes()).isLessThan(15);
    assertThat(table.states()).isLessThan(60);
    assertThat(table.classOf()[BYTES + '3']).isEqualTo(table.classOf()[BYTES + '9']);
  }

  @Test
  void aPatternThatTheTokensCannotSpellIsRefused() {
    assertThatThrownBy(
            () ->
                TokenPattern.table(
                    "[0-9]+", 3, t -> t < 2 ? new byte[] {'a'} : new byte[0], Set.of(2)))
        .hasMessage("no sequence of this model's tokens matches the pattern '[0-9]+'");
    assertThatThrownBy(() -> TokenPattern.table("a", 3, _ -> new byte[] {'a'}, Set.of()))
        .hasMessageContaining("lacks eos_token_id");
    assertThatThrownBy(() -> TokenPattern.check("a[^\\x00-\\x{10FFFF}]"))
        .hasMessageContaining("no text matches");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "(?=a)b;(?=",
        "(a)\\1;\\1",
        "a(?i)b;a group '(?i",
        "(?P<n>a);a group '(?P",
        "\\bword\\b;'\\b'",
        "a^b;'^' within it",
        "a$b;'$' within it",
        "[[:alpha:]];a named class",
        "\\p{L}+;'\\p'",
        "[a-z&&b];'&&' in a class",
        "a(b;missing closing )",
        "x{2000};{2000}",
      })
  void whatAnAutomatonCannotDoIsRefusedByName(String pattern, String named) {
    assertThatThrownBy(() -> TokenPattern.check(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the pattern '" + pattern + "'")
        .hasMessageContaining(named);
  }

  @Test
  void aPatternOfTooManyStatesIsRefused() {
    assertThatThrownBy(() -> TokenPattern.check("(a|b)*a(a|b){60}"))
        .hasMessageContaining("more than 10,000 states");
    assertThatCode(() -> TokenPattern.check(".{0,300}")).doesNotThrowAnyException();
  }
}
