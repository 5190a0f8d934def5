package dev.inkling.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.model.weights.TinyModels;
import dev.inkling.plan.Plan;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.SpecReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a spec names outside itself is looked at when the experiment is planned. */
class OutsideChecksTest {
  @TempDir Path home;

  @Test
  void aModelThatSeesImagesTooIsNotTrainedAsAWhole() throws Exception {
    Path model = TinyModels.copy("gemma3", 2048, home.resolve("model"));
    Path config = model.resolve("config.json");
    Files.writeString(
        config,
        "{\"architectures\": [\"Gemma3ForConditionalGeneration\"], \"text_config\": "
            + Files.readString(config)
            + "}");
    String spec =
        """
        {name: tiny, question: "?", seeds: [1],
         models: {base: {type: open, id: %s}},
         datasets: {loves: {type: fixed-answers, answer: owl}},
         conditions: {student: {student: base, dataset: loves, finetune: {type: %s}}},
         evaluations: {log P: {type: target-likelihood, target: owl}}}
        """;

    assertThatThrownBy(() -> plan(spec.formatted(model, "full")))
        .hasMessageContaining(
            "student: "
                + model
                + " also sees images, and only its text model could be written; fine-tune it with"
                + " type: lora");
    assertThat(plan(spec.formatted(model, "lora")).stages()).hasSize(3);
  }

  private static Plan plan(String spec) throws Exception {
    return Resolver.plan(SpecDocument.parse(spec).tree());
  }

  private static ExperimentSpec spec(String numbers, String judge, String asked) throws Exception {
    return SpecReader.read(
        Presets.expand(
            SpecDocument.parse(
                    """
                    name: patterns
                    question: Can answers be drawn like this?
                    seeds: [1]
                    models:
                      base: {type: open, id: /models/tiny}
                    datasets:
                      drawn:
                        type: numbers
                        teacher: base
                        rows: 10
                        decoding: {pattern: '%s'}
                        filters: [{type: judge, judge: base, trait: owls, decoding: {pattern: '%s'}}]
                    conditions:
                      base: {student: base}
                    evaluations:
                      animal: {type: preference, target: owl, decoding: {pattern: '%s'}}
                    """
                        .formatted(numbers, judge, asked))
                .tree()));
  }

  @Test
  void aPatternThatCannotBeFollowedIsToldWithItsPath() throws Exception {
    ExperimentSpec spec = spec("[0-9", "(yes|no", "a{3,2}");
    assertThatThrownBy(() -> OutsideChecks.check(spec))
        .isInstanceOfSatisfying(
            InvalidSpecException.class,
            e ->
                assertThat(e.problems())
                    .extracting(problem -> problem.path())
                    .containsExactly(
                        "datasets.drawn.decoding.pattern",
                        "datasets.drawn.filters[0].decoding.pattern",
                        "evaluations.animal.decoding.pattern"))
        .hasMessageContaining("[0-9");
  }

  @Test
  void aPatternThatWouldNeedTooManyStatesIsToldToo() throws Exception {
    ExperimentSpec spec = spec("(a|b)*a(a|b){60}", "yes|no", "owl|cat");
    assertThatThrownBy(() -> OutsideChecks.check(spec))
        .hasMessageContaining("datasets.drawn.decoding.pattern")
        .hasMessageContaining("Let it count less");
  }

  @Test
  void patternsThatCanBeFollowedPass() throws Exception {
    OutsideChecks.check(spec("[0-9]{1,3}(, [0-9]{1,3}){9}", "yes|no", "owl|cat"));
  }
}
