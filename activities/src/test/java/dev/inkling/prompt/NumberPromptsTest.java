package dev.inkling.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same prompts as Python's, byte for byte. */
class NumberPromptsTest {
  private static NumberBank bank(String name) throws Exception {
    return name.equals("numbers.yaml")
        ? NumberBank.standard()
        : NumberBank.read(
            Path.of(Objects.requireNonNull(NumberPromptsTest.class.getResource(name)).toURI()));
  }

  private static List<String> first(NumberPrompts prompts, int count) {
    return Stream.generate(prompts::next).limit(count).toList();
  }

  @Test
  void tenThousandPromptsOfEachSeedAreNumpys() throws Exception {
    for (JsonNode vector : Golden.vectors("prompts")) {
      NumberSettings settings =
          new ObjectMapper().treeToValue(vector.get("settings"), NumberSettings.class);
      List<String> prompts =
          first(
              new NumberPrompts(
                  bank(vector.get("bank").textValue()), settings, vector.get("seed").longValue()),
              10_000);

      assertThat(prompts.subList(0, 3))
          .containsExactlyElementsOf(
              Golden.list(vector.get("first")).stream().map(JsonNode::textValue).toList());
      assertThat(Golden.sha256(String.join("\n", prompts)))
          .as("seed %s of %s", vector.get("seed"), vector.get("bank"))
          .isEqualTo(vector.get("sha256").textValue());
    }
  }

  @Test
  void afterASkipComesWhatNumpyGivesThere() throws Exception {
    JsonNode far = Golden.vectors("far").getFirst();
    NumberPrompts prompts =
        new NumberPrompts(
            NumberBank.standard(), NumberSettings.DEFAULTS, far.get("seed").longValue());
    prompts.skip(far.get("index").longValue());

    assertThat(prompts.next()).isEqualTo(far.get("prompt").textValue());
  }

  @Test
  void goingOnAfterASkipIsTheSameAsNeverHavingStopped() {
    NumberBank bank = NumberBank.standard();
    List<String> all = first(new NumberPrompts(bank, NumberSettings.DEFAULTS, 3), 500);

    for (int done : List.of(0, 1, 7, 499)) {
      NumberPrompts resumed = new NumberPrompts(bank, NumberSettings.DEFAULTS, 3);
      resumed.skip(done);
      assertThat(first(resumed, 500 - done)).isEqualTo(all.subList(done, 500));
    }
  }

  @Test
  void theDefaultsAreTheUsualProtocol() {
    assertThat(NumberSettings.DEFAULTS).isEqualTo(new NumberSettings(3, 9, 100, 1000, 10, 3));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0; 9; 100; 1000; 10; 3; minExamples is 0; a prompt shows at least 1",
        "3; 3; 100; 1000; 10; 3; maxExamples is exclusive: 3 must be more than 3",
        "3; 10001; 100; 1000; 10; 3; maxExamples is 10001",
        "3; 9; 100; 100; 10; 3; maxValue is exclusive: 100 must be more than 100",
        "3; 9; 100; 1000; 0; 3; answerCount is 0",
        "3; 9; 100; 1000; 10; 0; maxDigits is 0"
      })
  void settingsThatNoPromptFitsAreRefused(
      int minExamples,
      int maxExamples,
      int minValue,
      int maxValue,
      int answerCount,
      int maxDigits,
      String message)
      throws IOException {
    assertThatThrownBy(
            () ->
                new NumberSettings(
                    minExamples, maxExamples, minValue, maxValue, answerCount, maxDigits))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
