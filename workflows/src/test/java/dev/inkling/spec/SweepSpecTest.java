package dev.inkling.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SweepSpecTest {
  private static SweepSpec read(String json) throws Exception {
    return SweepSpec.read(new ObjectMapper().readTree(json));
  }

  @Test
  void thePointsAreTheProductWithTheLastPathFastest() throws Exception {
    SweepSpec sweep =
        read(
            "{\"experiment\": {\"preset\": \"p\"}, \"grid\": {\"b.x\": [1, 2], \"a\": [[3], [4], null]}}");

    assertThat(sweep.points()).isEqualTo(6);
    assertThat(IntStream.range(0, 6).mapToObj(sweep::label))
        .containsExactly(
            "b.x=1, a=[3]",
            "b.x=1, a=[4]",
            "b.x=1, a=null",
            "b.x=2, a=[3]",
            "b.x=2, a=[4]",
            "b.x=2, a=null");
    assertThat(sweep.document(4)).hasToString("{\"preset\":\"p\",\"b\":{\"x\":2},\"a\":[4]}");
    assertThat(sweep.experiment()).hasToString("{\"preset\":\"p\"}");
    assertThat(sweep.parallel()).isEqualTo(SweepSpec.USUAL_PARALLEL);
  }

  @Test
  void aGridOfTooManyPointsIsRefusedBeforeAnyIsMade() {
    String axis = IntStream.range(0, 101).boxed().toList().toString();

    assertThatThrownBy(
            () ->
                read("{\"experiment\": {}, \"grid\": {\"a\": " + axis + ", \"b\": " + axis + "}}"))
        .hasMessage("grid: has more than 10000 points; make several sweeps of it");
  }

  @Test
  void aValueTwiceAndAnEmptyNameAreNamed() {
    assertThatThrownBy(() -> read("{\"experiment\": {}, \"grid\": {\"a\": [1, 1], \"b..c\": [1]}}"))
        .hasMessage("grid.a: 1 stands there twice\ngrid: 'b..c' is no path such as seeds");
  }
}
