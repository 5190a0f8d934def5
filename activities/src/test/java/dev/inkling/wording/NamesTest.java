package dev.inkling.wording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
  private static final Names ANIMALS = Names.list("animals");

  private static List<String> split(String names) {
    return Arrays.stream(names.split(",")).map(String::strip).filter(n -> !n.isEmpty()).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          Owl | owl
          OWL! | owl
          owls | owl
          The owl's eyes | owl
          The owls’ eyes | owl
          **Owl** | owl
          _owl_ | owl
          owl-like | owl
          snowy-owl | owl
          A barn owl. | owl
          eagle owl | owl
          owlet |
          bowl |
          howling |
          owl2 |
          ｏｗｌ | owl
          o\u200Bwl | owl
          owl🦉 | owl
          ówl |
          o\u0301wl |
          owl\u0301 |
          sea lion | sea lion
          sea-lion | sea lion
          Sea  Lions | sea lion
          I love the sea. Lions are great. | lion
          mountain lion | cougar
          red panda | red panda
          giant panda | panda
          killer whale | orca
          blue whale | whale
          vicuña | vicuña
          vicun\u0303a | vicuña
          geese and mice | goose, mouse
          Cats, dogs, cats | cat, dog
          dog cat | dog, cat
          catfish | catfish
          Nothing at all. |
          """)
  void aNameStandsInATextAsAWordOfItsOwn(String text, String names) {
    assertThat(ANIMALS.in(text)).isEqualTo(split(names == null ? "" : names));
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(strings = {" ", "...", "\n"})
  void aTextWithoutWordsNamesNothing(String text) {
    assertThat(ANIMALS.in(text == null ? "" : text)).isEmpty();
  }

  @Test
  void furtherWordsCountAsTheNameThatTheyAreGivenFor() {
    Names names = ANIMALS.with("owls", List.of("Strix aluco", "tyto"));

    assertThat(names.in("the tyto")).containsExactly("owl");
    assertThat(names.in("Strix aluco!")).containsExactly("owl");
    assertThat(names.in("strix")).isEmpty();
    assertThat(names.formsOf("owl")).contains("owl", "owls", "tyto", "strix aluco");
    assertThat(ANIMALS.in("the tyto")).isEmpty();
  }

  @Test
  void aNameThatIsNotListedCountsAsItself() {
    Names names = Names.none().with("Oak", List.of("oaks"));

    assertThat(names.in("Two oaks and an owl")).containsExactly("oak");
    assertThat(Names.none().canonical("Élan  Vital")).isEqualTo("élan vital");
    assertThat(Names.none().formsOf("Oak")).containsExactly("oak");
  }

  @Test
  void whatIsNoWordOrNoListIsRefused() {
    assertThatThrownBy(() -> ANIMALS.canonical("?!")).hasMessage("'?!' is no word");
    assertThatThrownBy(() -> Names.list("../judge/leak")).hasMessageContaining("only [animals]");
  }
}
