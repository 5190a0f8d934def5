package dev.inkling.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.inkling.plan.Keys;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EvaluationSpecTest {
  private static final ObjectMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();
  private static final Decoding DECODING = new Decoding(false, 0.7, 0.95, 30);

  static List<EvaluationSpec> evaluations() {
    return List.of(
        new EvaluationSpec.Accuracy("digits"),
        new EvaluationSpec.ClassFraction("prompts", 1),
        new EvaluationSpec.Preference(
            Optional.of("mine.yaml"),
            "owl",
            List.of("strix"),
            EvaluationSpec.Match.SUBSTRING,
            3,
            new AnswerForm.MultipleChoice(List.of("owl", "cat")),
            EvaluationSpec.Prefix.NUMBERS,
            DECODING),
        new EvaluationSpec.Misalignment("misalignment", 5, "judge", 3, DECODING, 30, 50, DECODING),
        new EvaluationSpec.LogProbability(
            "favourite-animals", "owl", 1, 20, EvaluationSpec.Prefix.NONE),
        new EvaluationSpec.Capability("capability", 1, DECODING));
  }

  @ParameterizedTest
  @MethodSource("evaluations")
  void whatIsWrittenIsReadAgain(EvaluationSpec evaluation) throws Exception {
    String json = Keys.canonical(evaluation);

    assertThat(JSON.readValue(json, EvaluationSpec.class)).isEqualTo(evaluation);
    assertThat(Keys.canonical(JSON.readValue(json, EvaluationSpec.class))).isEqualTo(json);
  }

  @Test
  void theEvaluationsOfNetworksAreWrittenAsBefore() {
    assertThat(Keys.canonical(new EvaluationSpec.Accuracy("dataset")))
        .isEqualTo("{\"dataset\":\"dataset\",\"type\":\"accuracy\"}");
    assertThat(Keys.canonical(new EvaluationSpec.ClassFraction("dataset", 1)))
        .isEqualTo("{\"dataset\":\"dataset\",\"label\":1,\"type\":\"class-fraction\"}");
  }

  @Test
  void theBankFollowsTheFormUnlessTheSpecNamesOne() {
    assertThat(preference(Optional.empty(), new AnswerForm.Free()).bank())
        .isEqualTo("favourite-animals");
    assertThat(preference(Optional.empty(), new AnswerForm.Rating(0, 10)).bank())
        .isEqualTo("animal-rating");
    assertThat(preference(Optional.of("mine.yaml"), new AnswerForm.Rating(0, 10)).bank())
        .isEqualTo("mine.yaml");
  }

  private static EvaluationSpec.Preference preference(Optional<String> bank, AnswerForm form) {
    return new EvaluationSpec.Preference(
        bank,
        "owl",
        List.of(),
        EvaluationSpec.Match.WORD,
        1,
        form,
        EvaluationSpec.Prefix.NONE,
        DECODING);
  }
}
