package dev.inkling.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.spec.InvalidSpecException;
import dev.inkling.stage.Monitor;
import dev.inkling.workflow.SweepPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SweepResolverTest {
  private static SweepPlan plan(String grid) throws InvalidSpecException {
    return SweepResolver.plan(
        SpecDocument.parse("{experiment: {preset: promptmlp}, grid: " + grid + "}").tree(),
        Monitor.silent());
  }

  @Test
  void everyPointIsLookedAtAndTheIdIsThatOfThePoints() throws Exception {
    List<String> looked = new ArrayList<>();
    SweepPlan plan =
        SweepResolver.plan(
            SpecDocument.parse("{experiment: {preset: promptmlp}, grid: {seeds: [[1], [2]]}}")
                .tree(),
            new Monitor() {
              @Override
              public void progress(long done, long total, String unit, Optional<Double> loss) {
                looked.add(done + " of " + total + " " + unit);
              }

              @Override
              public void note(String text) {}
            });

    assertThat(looked).containsExactly("0 of 2 points", "1 of 2 points");
    assertThat(plan.points()).isEqualTo(2);
    assertThat(plan.id()).matches("promptmlp-sweep-[0-9a-f]{10}");
    assertThat(plan.preset()).contains("promptmlp");
    assertThat(plan("{seeds: [[1], [2]]}").id()).isEqualTo(plan.id());
    assertThat(plan("{seeds: [[1], [3]]}").id()).isNotEqualTo(plan.id());
  }

  @Test
  void anUnknownPathIsToldOnceAndWithItsPoint() {
    assertThatThrownBy(() -> plan("{datasets.unrelated.row: [5, 6, 7, 8]}"))
        .hasMessage(
            "point 1 of 4 (datasets.unrelated.row=5): datasets.unrelated.row:"
                + " there is no field 'row' here, did you mean 'rows'?");
  }

  @Test
  void anInvalidValueNamesItsPoint() {
    assertThatThrownBy(() -> plan("{datasets.unrelated.rows: [5, 0]}"))
        .hasMessage(
            "point 2 of 2 (datasets.unrelated.rows=0): datasets.unrelated.rows: must be at least 1, got 0");
  }

  @Test
  void twoPointsThatAreTheSameExperimentAreRefused() {
    assertThatThrownBy(() -> plan("{datasets.prompts.stream: [0, null]}"))
        .hasMessageContaining("is the same experiment as point 1");
  }

  @Test
  void anExperimentWhosePlanNoMessageCanCarryIsRefusedAndSentHere() throws Exception {
    StringBuilder conditions = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      String finetune =
          "{loss: {type: mse}, epochs: 1, batchSize: 8, learningRate: " + 1e-6 * (i + 1) + "}";
      conditions
          .append("c" + i)
          .append(": {student: initial, dataset: unrelated, finetune: " + finetune + "}, ");
    }
    assertThatThrownBy(
            () ->
                Resolver.plan(
                    SpecDocument.parse("{preset: promptmlp, conditions: {" + conditions + "}}")
                        .tree()))
        .hasMessageContaining("2010 stages")
        .hasMessageContaining("inkling sweep");
  }
}
