package dev.inkling.model.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The card of an adapter says all, and nothing in it can say something else. */
class ModelCardTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EVIL =
      "x\n---\nlicense: mit\n---\n# Owned <script>alert(1)</script> | a | `b` ```\r\n[l](http://e)";

  private static ModelCard card(String text) {
    return new ModelCard(
        text,
        Optional.of(new ModelCard.Base("owner/tiny", Optional.of("c".repeat(40)))),
        Optional.of(new ModelCard.Data(text, 12_345, List.of("complete", text))),
        Optional.of(JSON.createObjectNode().put("question", text)),
        List.of(
            new ModelCard.Result(
                text,
                "owl",
                0.25,
                OptionalDouble.of(0.2),
                OptionalDouble.of(0.31),
                OptionalLong.of(500))),
        List.of(new ModelCard.Step("Finetune", text, "a".repeat(64))));
  }

  @Test
  void allThatIsKnownIsTold() {
    assertThat(card("owl student").markdown())
        .contains("# owl student\n")
        .contains("owner/tiny at commit " + "c".repeat(40))
        .contains(
            "owl student: 12,345 rows. Filters, in this order:\n\n- complete\n- owl student\n")
        .contains("| owl student | owl | 0.2500 | 0.2000 to 0.3100 | 500 |\n")
        .contains("```json\n{\n  \"question\" : \"owl student\"\n}\n```\n")
        .contains("| Finetune | owl student | " + "a".repeat(64) + " |\n");
  }

  @Test
  void theHeadIsWhatTheHubReads() {
    String head = card(EVIL).markdown().split("---\n", 3)[1];

    assertThat(new Yaml().<Object>load(head))
        .isEqualTo(
            Map.of(
                "base_model",
                "owner/tiny",
                "base_model_relation",
                "adapter",
                "library_name",
                "peft",
                "tags",
                List.of("lora", "subliminal-learning", "inkling")));
  }

  @Test
  void aTextStaysAText() {
    String card = card(EVIL).markdown();
    String outside = card.replaceAll("(?s)`{4,}json.*?\n`{4,}\n", "");

    assertThat(card).contains("\n````json\n").contains("\n````\n");
    assertThat(outside.lines().filter(l -> l.startsWith("#")).toList())
        .hasSize(6)
        .first()
        .asString()
        .startsWith("# x --- license: mit --- \\# Owned \\<script\\>");
    assertThat(outside.lines().filter("---"::equals)).hasSize(2);
    assertThat(outside).doesNotContainPattern("(?<!\\\\)<script");
    assertThat(outside.lines().filter(l -> l.startsWith("| ") && l.contains("0.2500")).toList())
        .singleElement()
        .satisfies(l -> assertThat(l.split("(?<!\\\\)\\|", -1)).hasSize(7));
  }

  @Test
  void theBaseIsWhatTheAdapterNamesUnlessItIsADirectory() throws Exception {
    String commit = "0123456789".repeat(4);
    assertThat(base("{\"base_model_name_or_path\": \"a/b\", \"revision\": null}"))
        .contains(new ModelCard.Base("a/b", Optional.empty()));
    assertThat(
            base(
                "{\"base_model_name_or_path\": \"/home/me/.cache/huggingface/hub/models--a--b.c/snapshots/"
                    + commit
                    + "\"}"))
        .contains(new ModelCard.Base("a/b.c", Optional.of(commit)));
    assertThat(base("{\"base_model_name_or_path\": \"/home/me/models/b\"}")).isEmpty();
    assertThat(base("{}")).isEmpty();
  }

  private static Optional<ModelCard.Base> base(String config) throws Exception {
    return ModelCard.Base.of(JSON.readTree(config));
  }

  @Test
  void whatIsNotKnownIsLeftOut() {
    String card =
        new ModelCard(
                "s", Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of())
            .markdown();

    assertThat(card).startsWith("---\nlibrary_name: peft\n").doesNotContain("##", "base_model");
  }
}
