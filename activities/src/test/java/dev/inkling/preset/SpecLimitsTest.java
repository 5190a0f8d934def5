package dev.inkling.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.plan.Plan;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Limits;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is too large, too deep or badly named is refused at once, with the bound and its reason. */
@Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SpecLimitsTest {
  private static AbstractThrowableAssert<?, ?> parsing(String yaml) {
    return assertThatThrownBy(() -> SpecDocument.parse(yaml))
        .isInstanceOf(InvalidSpecException.class);
  }

  private static AbstractThrowableAssert<?, ?> planning(JsonNode document) {
    return assertThatThrownBy(() -> Resolver.plan(document))
        .isInstanceOf(InvalidSpecException.class);
  }

  private static ObjectNode prompts(String more) throws Exception {
    return (ObjectNode) SpecDocument.parse("preset: promptmlp\n" + more).tree();
  }

  @Test
  void aliasesOfAliasesAreCountedAsWhatTheyStandFor() throws Exception {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 25; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    parsing(bomb.toString()).hasMessageContaining("100000 values, aliases (*name) written out");

    parsing("a: &a [1]\nb: [" + "*a, ".repeat(60) + "1]\n").hasMessageContaining("aliases");
    parsing("a: &a [*a]\n").hasMessageContaining("line 1").hasMessageContaining("deep");
    // A few are a help to people.
    assertThat(SpecDocument.parse("a: &a {x: 1}\nb: *a\n").tree().at("/b/x").asInt()).isEqualTo(1);
  }

  @Test
  void nestingDuplicatesAndSizeAreBounded() {
    parsing("a: " + "[".repeat(5000) + "]".repeat(5000))
        .hasMessageContaining("Nesting Depth exceeded max 30");
    parsing("a: {b: 1}\na: {b: 2}\n").hasMessageContaining("line 2: stands there twice");
    parsing("a: |\n  " + "x".repeat(Limits.SPEC_BYTES) + "\n")
        .hasMessageContaining("more than 262,144")
        .hasMessageContaining("one message");
  }

  @Test
  void aLongRowOfDigitsIsNoNumberAndTakesNoTime() throws Exception {
    String digits = "1".repeat(200_000) + "x";
    assertThat(SpecDocument.parse("a: " + digits).tree().path("a").isTextual()).isTrue();
    planning(prompts("seeds: [" + "1".repeat(200_000) + "]"))
        .hasMessageContaining("seeds[0]: must be a whole number")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(2000));
    ObjectNode endless = prompts("");
    endless.putObject("datasets").putObject("prompts").put("markedProbability", 1e308 * 10);
    planning(endless).hasMessageContaining("too large a number");
  }

  @Test
  void tenThousandConditionsAreRefusedWithTheReason() throws Exception {
    ObjectNode many = prompts("");
    ObjectNode conditions = many.putObject("conditions");
    for (int i = 0; i < 30_000; i++) {
      conditions.putObject("c" + i).put("student", "m");
    }
    planning(many).hasMessageContaining("bytes as JSON, more than 262,144");

    conditions.removeAll();
    for (int i = 0; i < 10_000; i++) {
      conditions.putObject("c" + i).put("student", "m");
    }
    planning(many)
        .hasMessageContaining("more than the 1500 stages that one experiment may have")
        .hasMessageContaining("history of a workflow is bounded");
  }

  @Test
  void soManySeedsThatThePlanFitsIntoNoHistoryAreRefused() throws Exception {
    StringBuilder seeds = new StringBuilder("seeds: [0");
    for (int i = 1; i < 40_000; i++) {
      seeds.append(',').append(i);
    }
    planning(prompts(seeds.append(']').toString()))
        .hasMessageContaining("for 40000 seeds")
        .hasMessageContaining("more than 1,900,000");
  }

  @Test
  void aLongChainOfModelsIsPlannedInTheTimeOfItsLength() throws Exception {
    StringBuilder models = new StringBuilder("models:\n");
    StringBuilder datasets = new StringBuilder("datasets:\n");
    String base = "initial";
    for (int i = 0; i < 60; i++) {
      datasets.append(
          "  d%d: {type: token-sequences, rows: 10, length: 4, vocabulary: 100, teacher: %s}\n"
              .formatted(i, base));
      models.append(
          "  m%d: {type: finetuned, base: %s, dataset: d%d, finetune: {loss: {type: mse, targetScale: 0.5}, epochs: 1, batchSize: 10, learningRate: 0.001}}\n"
              .formatted(i, base, i));
      base = "m" + i;
    }
    Plan plan =
        Resolver.plan(
            prompts(
                models.toString() + datasets + "conditions: {last: {student: " + base + "}}\n"));

    assertThat(plan.stages()).hasSizeBetween(120, 300);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../x",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "a\u0000b",
        "a\nb",
        "\u001b[2J",
        ".",
        " x",
        "\u202Ex"
      })
  void noNameCanBeAPathOrMoveATerminal(String name) throws Exception {
    for (String part : List.of("models", "datasets", "conditions", "evaluations")) {
      ObjectNode document = prompts("");
      document.putObject(part).putObject(name);
      planning(document)
          .hasMessageContaining("cannot be a name")
          .satisfies(
              e -> assertThat(e.getMessage()).doesNotContain("\u0000", "\u001b", "\u202E", "a\nb"));
    }
    planning(prompts("").put("name", name)).hasMessageContaining("does not have the form");
    assertThat(
            assertThatThrownBy(() -> Resolver.plan(prompts("").put("preset", name)))
                .isInstanceOf(InvalidSpecException.class))
        .isNotNull();
  }

  @Test
  void aVeryLongNameIsCutInItsMessageAndManyProblemsAreSummedUp() throws Exception {
    ObjectNode document = prompts("");
    document.putObject("conditions").putObject("c".repeat(100_000));
    planning(document)
        .hasMessageContaining("cannot be a name")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(3000));

    ObjectNode wrong = prompts("");
    for (int i = 0; i < 300; i++) {
      wrong.put("f" + i, 1);
    }
    planning(wrong).hasMessageContaining("and 250 more problems");
  }

  @Test
  void theQuestionIsOneLine() throws Exception {
    planning(prompts("").put("question", "a\nb"))
        .hasMessageContaining("question: must be one line");
    planning(prompts("").put("question", "q".repeat(301)))
        .hasMessageContaining("at most 300 characters");
  }
}
