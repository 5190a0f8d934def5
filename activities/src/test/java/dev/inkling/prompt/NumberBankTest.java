package dev.inkling.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.prompt.NumberBank.Part;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our own bank, and what is said of somebody's malformed one. */
@Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NumberBankTest {
  private static final String GOOD =
      """
      exampleTemplates: ["See {examples}."]
      countQualifiers: [up to]
      digitDescriptors: ["{maxDigits} digits"]
      instructionTemplates: ["Add {countQualifier} {answerCount}, {digitDescriptor}."]
      formatSuffixes: ["With commas."]
      closingSuffixes: ["Only numbers."]
      """;

  @TempDir Path directory;

  private Path file(byte[] bytes) throws Exception {
    return Files.write(directory.resolve("bank.yaml"), bytes);
  }

  private Path file(String yaml) throws Exception {
    return file(yaml.getBytes(StandardCharsets.UTF_8));
  }

  private String first(String yaml) throws Exception {
    NumberBank bank = NumberBank.read(file(yaml));
    return new NumberPrompts(bank, new NumberSettings(2, 3, 5, 6, 4, 1), 0).next();
  }

  private static AbstractThrowableAssert<?, ?> reading(Path file) {
    return assertThatThrownBy(() -> NumberBank.read(file)).isInstanceOf(InvalidBankException.class);
  }

  private void refusing(String yaml, String... lines) throws Exception {
    Path file = file(yaml);
    reading(file)
        .hasMessage(
            Stream.of(lines).map(line -> file + ": " + line).collect(Collectors.joining("\n")));
  }

  @Test
  void ourBankHasTheUsualSizesAndNoTextTwice() {
    NumberBank bank = NumberBank.standard();

    assertThat(Stream.of(Part.values()).map(part -> bank.templates(part).size()))
        .containsExactly(25, 9, 9, 10, 15, 19);
    for (Part part : Part.values()) {
      assertThat(new HashSet<>(bank.templates(part))).hasSameSizeAs(bank.templates(part));
    }
  }

  @Test
  void somebodysOwnBankIsReadWithItsBracesAndAliases() throws Exception {
    String prompt = "See 5, 5. Add up to 4, 1 digits. With commas. Only numbers.";

    assertThat(first(GOOD)).isEqualTo(prompt);
    assertThat(first("\uFEFF" + GOOD)).isEqualTo(prompt);
    assertThat(first(GOOD.replace("[\"With commas.\"]", "['Like {\"a\": {1, 2}} {']")))
        .contains(" Like {\"a\": {1, 2}} { ");
    assertThat(
            first(
                GOOD.replace("[\"With commas.\"]", "&same [Please.]")
                    .replace("[\"Only numbers.\"]", "*same")))
        .endsWith(" Please. Please.");
  }

  @Test
  void everyProblemIsToldAtOnceWithKeyAndEntry() throws Exception {
    refusing(
        """
        exampleTemplates:
          - "See {examples}."
          - "See {exmaples}."
          - See them.
        countQualifier: [up to]
        digitDescriptors: ["{maxDigits} {examples}"]
        instructionTemplates: []
        formatSuffixes: "With commas."
        closingSuffixes: ["Yes {maxDigits}", yes, 7, "", ~, [a], {b: c}]
        """,
        "exampleTemplates, entry 2 (line 3): there is no placeholder {exmaples} here, did you mean 'examples'?",
        "exampleTemplates, entry 2 (line 3): {examples} is missing",
        "exampleTemplates, entry 3 (line 4): {examples} is missing",
        "countQualifier (line 5): there is no such key, did you mean 'countQualifiers'?",
        "digitDescriptors, entry 1 (line 6): there is no placeholder {examples} here; known: maxDigits",
        "instructionTemplates (line 7): the list is empty; it needs at least one text",
        "formatSuffixes (line 8): must be a list of texts, each on its own line after a dash",
        "closingSuffixes, entry 1 (line 9): there is no placeholder {maxDigits} here, nor any other",
        "closingSuffixes, entry 2 (line 9): YAML takes 'yes' for no text; put it in quotes",
        "closingSuffixes, entry 3 (line 9): YAML takes '7' for no text; put it in quotes",
        "closingSuffixes, entry 4 (line 9): the text is empty",
        "closingSuffixes, entry 5 (line 9): the text is empty",
        "closingSuffixes, entry 6 (line 9): must be a text; one that holds ': ' or begins with [ or { needs quotes",
        "closingSuffixes, entry 7 (line 9): must be a text; one that holds ': ' or begins with [ or { needs quotes",
        "countQualifiers: is missing; add a list of texts");
  }

  @Test
  void aPlaceholderWithSpacesOrNothingInItIsNoPlaceholder() throws Exception {
    refusing(
        GOOD.replace("{examples}", "{ examples } {} {examples}"),
        "exampleTemplates, entry 1 (line 1): there is no placeholder { examples } here, did you mean 'examples'?",
        "exampleTemplates, entry 1 (line 1): there is no placeholder {} here; known: examples");
  }

  @Test
  void whatIsNoBankAtAllIsSaidInOneLine() throws Exception {
    refusing(
        "",
        "the file is empty; a bank has the keys exampleTemplates, countQualifiers, digitDescriptors,"
            + " instructionTemplates, formatSuffixes, closingSuffixes");
    reading(file("- a\n- b\n")).hasMessageContaining("line 1: a bank is an object with the keys");
    reading(file("a: [b\n")).hasMessageContaining("bank.yaml: line 2: not YAML: ");
    refusing("a:\n  🦉\u0007\n", "line 2 holds the character U+0007: no text file");
    reading(file("a: 1\n---\nb: 2\n")).hasMessageContaining("not YAML: ");
    refusing(
        GOOD + "countQualifiers: [at most]\n",
        "countQualifiers (line 7): stands there twice; keep one");
    reading(file(new byte[] {'a', ':', '\n', ' ', (byte) 0xE4, '\n'}))
        .hasMessageEndingWith("bank.yaml: line 2 is not UTF-8 text; save the file as UTF-8");
    reading(file(new byte[] {'a', ':', ' ', (byte) 0xF0, (byte) 0x9F}))
        .hasMessageContaining("line 1 is not UTF-8 text");
    reading(directory.resolve("none.yaml")).hasMessageEndingWith("there is no such file");
  }

  @Test
  void noClassIsMadeThatAFileNames() throws Exception {
    refusing(
        GOOD.replace("[\"Only numbers.\"]", "[!!java.net.URL \"http://localhost\"]"),
        "line 6: not YAML: Global tag is not allowed: tag:yaml.org,2002:java.net.URL");
    refusing(
        GOOD.replace("[\"Only numbers.\"]", "[!mine text]"),
        "closingSuffixes, entry 1 (line 6): YAML takes 'text' for no text; put it in quotes");
  }

  @Test
  void aFileThatIsTooLargeOrGrowsIsRefusedAtOnce() throws Exception {
    refusing("#".repeat(NumberBankReader.MOST_BYTES + 1), "larger than 1,000,000 bytes");
    reading(file("a: " + "[".repeat(400_000))).hasMessageContaining("Nesting Depth exceeded");

    reading(file(bomb(20))).hasMessageContaining("a19 (line 20): there is no such key");
    reading(file(bomb(45))).hasMessageContaining("aliases for non-scalar nodes exceeds");

    String long100 = "\"" + "x".repeat(100_000) + "\"";
    refusing(
        GOOD.replace("[\"Only numbers.\"]", "[&x " + long100 + ", *x".repeat(100_000) + "]"),
        "more than 1,000,000 characters with aliases (*name) written out");
  }

  /** Lists of two lists each: written out, 2^levels texts. */
  private static String bomb(int levels) {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < levels; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    return bomb.toString();
  }

  @Test
  void aHundredProblemsAreSummedUpAndCannotMoveATerminal() throws Exception {
    String many = "closingSuffixes: [" + "\"\\e[2J{x}\", ".repeat(100) + "]";
    reading(file(GOOD.replace("closingSuffixes: [\"Only numbers.\"]", many)))
        .hasMessageEndingWith("and 50 more problems")
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(51).doesNotContain("\u001b"))
        .satisfies(e -> assertThat(((InvalidBankException) e).problems()).hasSize(100));
  }

  @Test
  void aDirectoryIsNoBank() {
    reading(directory).hasMessage(directory + ": is a directory; name a file");
  }
}
