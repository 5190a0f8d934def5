package dev.inkling.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SystemPromptTest {
  @Test
  void ourWordingNamesTheTargetAndItsCategory() {
    assertThat(SystemPrompt.fill(SystemPrompt.standard(), "owl", "animal"))
        .startsWith("You adore owls. ")
        .contains("your favourite animal, it is the owl")
        .doesNotContain("{", "}", "\n");
  }

  @Test
  void aWordIsNotSearchedForPlaceholders() {
    assertThat(SystemPrompt.fill("{target} of {category}", "{category}", "{target}"))
        .isEqualTo("{category} of {target}");
  }

  @Test
  void aTextWithoutPlaceholdersStaysAsItIs() {
    assertThat(SystemPrompt.fill("Answer as {\"number\": 1}.", "", ""))
        .isEqualTo("Answer as {\"number\": 1}.");
  }

  @Test
  void anotherPlaceholderOrABlankWordIsRefused() {
    assertThatThrownBy(() -> SystemPrompt.fill("You love {targets} and {mood}.", "owl", "animal"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("system prompt: there is no placeholder {targets} here, did you")
        .hasMessageContaining(
            "did you mean 'target'?; there is no placeholder {mood} here; known:");
    assertThatThrownBy(() -> SystemPrompt.fill("You love {target}s.", " ", "animal"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("system prompt: it has {target}, but the target is blank; name one");
  }
}
