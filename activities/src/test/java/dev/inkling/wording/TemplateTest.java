package dev.inkling.wording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TemplateTest {
  @Test
  void whatIsFilledInIsNeverReadAsAPlaceOrAReference() {
    Template template = new Template(" {question} -> {answer}\n");

    assertThat(template.fill(Map.of("question", "{answer}", "answer", "$1 \\ {question}")))
        .isEqualTo("{answer} -> $1 \\ {question}");
    assertThat(template.places()).containsExactly("answer", "question");
  }

  @Test
  void aPlaceThatStaysEmptyIsRefused() {
    assertThatThrownBy(() -> new Template("{a} {b}").fill(Map.of("a", "x")))
        .hasMessage("nothing is given for {b}, only for [a]");
  }
}
