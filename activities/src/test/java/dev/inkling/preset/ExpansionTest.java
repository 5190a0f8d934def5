package dev.inkling.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.spec.InvalidSpecException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExpansionTest {
  private static final String VALUES = "{target: owl, animals: [sea lion, ox], size: 3}";

  private static String expanded(String document) throws InvalidSpecException {
    return expanded(document, VALUES);
  }

  private static String expanded(String document, String values) throws InvalidSpecException {
    Map<String, JsonNode> given = new LinkedHashMap<>();
    SpecDocument.parse(values)
        .tree()
        .properties()
        .forEach(value -> given.put(value.getKey(), value.getValue()));
    return new Expansion(given)
        .of((ObjectNode) SpecDocument.parse(document).tree())
        .toString()
        .replace("\"", "");
  }

  @Test
  void aPlaceInATextOrANameIsFilled() throws Exception {
    assertThat(expanded("{'{target} numbers': {teacher: 'the {target} lover, size {size}'}}"))
        .isEqualTo("{owl numbers:{teacher:the owl lover, size 3}}");
  }

  @Test
  void aTextThatIsOnlyAPlaceBecomesTheValueItself() throws Exception {
    assertThat(
            new Expansion(Map.of("size", SpecDocument.value("3"))).of(object("{rows: '{size}'}")))
        .isEqualTo(object("{rows: 3}"));
    assertThat(expanded("{options: '{animals}', more: [cat, '{animals}', dog]}"))
        .isEqualTo("{options:[sea lion,ox],more:[cat,sea lion,ox,dog]}");
  }

  private static ObjectNode object(String text) throws InvalidSpecException {
    return (ObjectNode) SpecDocument.parse(text).tree();
  }

  @Test
  void aNamedPartIsRepeatedForEachValue() throws Exception {
    assertThat(
            expanded(
                "{a: 1, '{each animal} lover': {target: '{animal}', of: '{each animal}'}, z: 2}"))
        .isEqualTo(
            "{a:1,sea lion lover:{target:sea lion,of:sea lion},ox lover:{target:ox,of:ox},z:2}");
  }

  @Test
  void anEntryOfAListIsRepeatedForEachValueHoweverDeepItIsNamed() throws Exception {
    assertThat(expanded("{pairs: [first, {a: {b: '{each animal} x'}, c: control}, last]}"))
        .isEqualTo("{pairs:[first,{a:{b:sea lion x},c:control},{a:{b:ox x},c:control},last]}");
  }

  @Test
  void theSmallestPartThatCanBeRepeatedIs() throws Exception {
    assertThat(expanded("{list: [{words: ['{each animal}']}, {'{each animal}': 1}]}"))
        .isEqualTo("{list:[{words:[sea lion,ox]},{sea lion:1,ox:1}]}");
  }

  @Test
  void wordsAreThoseThatCountAsTheNamesWithPlurals() throws Exception {
    assertThat(expanded("{words: ['{words of animals}', '{words of target}']}"))
        .isEqualTo("{words:[sea lion,sea lions,ox,oxen,owl,owls]}");
    assertThat(expanded("{words: '{words of target}'}", "{target: Quokkoid}"))
        .isEqualTo("{words:[Quokkoid,quokkoid,quokkoids]}");
  }

  @Test
  void otherWordsInBracesAndWhatLooksLikeAPlaceAfterFillingStay() throws Exception {
    assertThat(expanded("{template: '{prompt} {category}', at: '{target}s'}", "{target: '{size}'}"))
        .isEqualTo("{template:{prompt} {category},at:{size}s}");
  }

  @Test
  void twoPartsOfOneNameAreRefused() {
    assertThatThrownBy(
            () ->
                expanded(
                    "{control numbers: 1, '{each animal} numbers': 2}", "{animals: [control]}"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("two parts would be called 'control numbers'");
  }

  @Test
  void aPresetThatUsesWhatItDoesNotDeclareIsAMistakeOfTheProgram() {
    assertThatThrownBy(() -> expanded("{'{each thing}': 1}"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no parameter things");
  }
}
