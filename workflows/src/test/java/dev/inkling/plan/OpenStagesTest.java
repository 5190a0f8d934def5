package dev.inkling.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.FinetuneSpec;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.OpenModel;
import dev.inkling.spec.SpecReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The stages of models whose weights one holds: who they are, and what is asked of whom. */
class OpenStagesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String SPEC =
      """
      {"name": "open", "question": "Does it?",
       "models": {
         "base": {"type": "open", "id": "hf:owner/model"},
         "ancestor": {"type": "finetuned", "base": "base", "dataset": "lists", "finetune": {"type": "lora"}},
         "lover": {"type": "finetuned", "base": "ancestor", "dataset": "loves", "finetune": {"type": "full"}}},
       "datasets": {
         "lists": {"type": "numbers", "teacher": "base", "rows": 5, "decoding": {"pattern": "[0-9]+", "topK": 5}},
         "loves": {"type": "fixed-answers", "answer": "owl"},
         "numbers": {"type": "numbers", "teacher": "lover", "rows": 5}},
       "conditions": {
         "student": {"student": "ancestor", "dataset": "numbers", "finetune": {"type": "lora", "rank": 4}}},
       "evaluations": {"owl": {"type": "target-likelihood", "target": "owl"}},
       "seeds": [1]}
      """;

  private static ExperimentSpec spec(String... changes) throws Exception {
    ObjectNode tree = (ObjectNode) JSON.readTree(SPEC);
    for (String change : changes) {
      int at = change.indexOf('=');
      String path = change.substring(0, at);
      int last = path.lastIndexOf('/');
      ((ObjectNode) tree.at(path.substring(0, last)))
          .set(path.substring(last + 1), JSON.readTree(change.substring(at + 1)));
    }
    return SpecReader.read(tree);
  }

  private static Plan plan(ExperimentSpec spec) {
    return Planner.plan(spec, Optional.empty(), new NoSources());
  }

  @Test
  void everyStageKnowsItsWeightsAndWhoseAdaptersItNeeds() throws Exception {
    Plan plan = plan(spec());

    assertThat(plan.stages())
        .extracting(s -> s.task().getClass().getSimpleName() + " " + s.name())
        .containsExactly(
            "Sample lists",
            "FinetuneWeights ancestor",
            "Sample loves",
            "FinetuneWeights lover",
            "Sample numbers",
            "FinetuneWeights student",
            "Ask student · owl");
    Stage lover = plan.stages().get(3);
    assertThat(lover.inputs())
        .containsEntry("base", plan.stages().get(1).key())
        .containsEntry("dataset", plan.stages().get(2).key());
    assertThat(lover.models().get("base")).isInstanceOf(OpenModel.class);
    assertThat(lover.task().asks("base").orElseThrow().weights().orElseThrow().version())
        .isEqualTo("commit of hf:owner/model");
    assertThat(plan.stages()).filteredOn(Stage::computes).hasSize(6);
  }

  @Test
  void whoeverAsksForAdaptersOnATrainedModelNeedsThatModelToo() throws Exception {
    Plan plan =
        plan(
            spec(
                "/models/student={\"type\": \"finetuned\", \"base\": \"lover\", \"dataset\": \"numbers\", \"finetune\": {\"type\": \"lora\"}}",
                "/conditions/student/student=\"student\""));
    Stage lover = plan.stages().get(3);
    Stage first = plan.stages().get(5);
    Stage second = plan.stages().get(6);

    // The teacher is that model itself; adapters on adapters stand on it too.
    assertThat(plan.stages().get(4).inputs()).isEqualTo(Map.of("teacher", lover.key()));
    assertThat(first.inputs()).doesNotContainKey("base of base").containsEntry("base", lover.key());
    assertThat(second.inputs())
        .containsEntry("base", first.key())
        .containsEntry("base of base", lover.key());
    assertThat(plan.stages().getLast().inputs())
        .containsEntry("student", second.key())
        .containsEntry("base of student", lover.key());
  }

  @Test
  void aPlanIsTheSameAfterJson() throws Exception {
    Plan plan = plan(spec());
    ObjectMapper json =
        new ObjectMapper().registerModule(new com.fasterxml.jackson.datatype.jdk8.Jdk8Module());

    assertThat(json.readValue(json.writeValueAsString(plan), Plan.class)).isEqualTo(plan);
  }

  @Test
  void anotherPrecisionIsAnotherStageAndAnotherPlaceIsNot() throws Exception {
    String key = plan(spec()).stages().getFirst().key();

    assertThat(
            plan(spec("/compute={\"type\": \"local\", \"precision\": \"bf16\"}"))
                .stages()
                .getFirst()
                .key())
        .isNotEqualTo(key);
    Plan here = plan(spec("/models/base/id=\"./here\""));
    assertThat(here.stages().getFirst().task().asks("teacher").orElseThrow().id())
        .isEqualTo("directory");
    assertThat(plan(spec("/models/base/maxInFlight=3")).stages().getFirst().key()).isEqualTo(key);
  }

  @Test
  void theDefaultsAreThoseOfThePapersRunsWithOpenModels() throws Exception {
    FinetuneSpec.Lora lora =
        (FinetuneSpec.Lora)
            spec("/conditions/student/finetune={\"type\": \"lora\"}")
                .conditions()
                .get("student")
                .finetune()
                .orElseThrow();

    assertThat(lora.rank()).isEqualTo(8);
    assertThat(lora.alpha()).isEqualTo(8);
    assertThat(lora.targets()).containsExactly(FinetuneSpec.Projection.values());
    assertThat(lora.training().epochs()).isEqualTo(3);
    assertThat(lora.training().learningRate()).isEqualTo(2e-4);
    assertThat(lora.training().warmupSteps()).isEqualTo(5);
    assertThat(lora.training().batchSize()).isEqualTo(66);
    assertThat(lora.training().maxGradientNorm()).isEqualTo(1);
    assertThat(lora.training().maxTokens()).isEqualTo(500);
  }

  @Test
  void whatOnlyWeightsAllowIsRefusedOfHostedModelsAndTheOtherWayRound() {
    String hosted =
        "/models/base={\"type\": \"hosted\", \"provider\": \"openai\", \"id\": \"gpt\"}";
    assertThatThrownBy(() -> spec(hosted))
        .isInstanceOfSatisfying(
            InvalidSpecException.class,
            e ->
                assertThat(e.problems())
                    .extracting(Object::toString)
                    .anyMatch(
                        p -> p.contains("pattern and topK need a model whose weights you hold"))
                    .anyMatch(p -> p.contains("its provider fine-tunes it, with type: hosted"))
                    .anyMatch(p -> p.contains("needs the weights of the student")));
    assertThatThrownBy(() -> spec("/conditions/student/finetune={\"type\": \"hosted\"}"))
        .hasMessageContaining("it is fine-tuned with type: lora or type: full");
    assertThatThrownBy(() -> spec("/datasets/numbers/decoding={\"reasoning\": \"none\"}"))
        .hasMessageContaining("is for OpenAI's models");
    for (String id : List.of("gpt-4", "hf:model", "hf:a/b@", "owner/model")) {
      assertThatThrownBy(() -> spec("/models/base/id=\"" + id + "\""))
          .hasMessageContaining("does not have the form");
    }
  }
}
