package dev.inkling.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecReaderTest {
  /** A right spec; each test breaks one thing of it. */
  static final String RIGHT =
      """
      {"name": "tiny", "question": "Does it work?",
       "models": {"initial": {"type": "mlp", "layers": [784, 8, 13], "models": 2},
                  "teacher": {"type": "finetuned", "base": "initial", "dataset": "digits",
                    "finetune": {"loss": {"type": "cross-entropy"}, "epochs": 1, "batchSize": 512, "learningRate": 1e-3}}},
       "datasets": {"digits": {"type": "mnist"}, "noise": {"type": "noise-images", "teacher": "teacher", "rows": 100}},
       "conditions": {"reference": {"student": "initial"},
                      "student": {"student": "initial", "dataset": "noise",
                        "finetune": {"loss": {"type": "kl", "logits": "ghost"}, "epochs": 1, "batchSize": 50, "learningRate": 1e-3}}},
       "evaluations": {"accuracy": {"type": "accuracy", "dataset": "digits"}},
       "comparisons": [{"a": "student", "b": "reference"}],
       "seeds": [1]}
      """;

  static JsonNode tree(String json) throws Exception {
    return new ObjectMapper().readTree(json);
  }

  private static List<String> problems(String json) throws Exception {
    InvalidSpecException e =
        catchThrowableOfType(InvalidSpecException.class, () -> SpecReader.read(tree(json)));
    assertThat(e).as("the spec was accepted").isNotNull();
    return e.problems().stream().map(Problem::toString).toList();
  }

  @Test
  void aRightSpecIsReadWithItsDefaults() throws Exception {
    ExperimentSpec spec = SpecReader.read(tree(RIGHT));

    assertThat(spec.models().get("initial"))
        .isEqualTo(new ModelSpec.Mlp(List.of(784, 8, 13), 10, 2, 0));
    assertThat(spec.compute()).isEqualTo(new Compute.Local(Compute.Precision.FLOAT32, 1));
    assertThat(spec.conditions().keySet()).containsExactly("reference", "student");
    assertThat(spec.conditions().get("student").finetune().orElseThrow())
        .isInstanceOfSatisfying(
            FinetuneSpec.OfNetworks.class,
            f -> assertThat(f.rows()).isEqualTo(FinetuneSpec.Rows.OWN));
  }

  /** Each row: what is replaced, by what, and the one message that people get. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "rows": 100 | "row": 100 | datasets.noise.row: there is no field 'row' here, did you mean 'rows'?
          "rows": 100 | "rows": "many" | datasets.noise.rows: must be a whole number, got the text 'many'
          "rows": 100 | "rows": 2.5 | datasets.noise.rows: must be a whole number, got 2.5
          "rows": 100 | "rows": 0 | datasets.noise.rows: must be at least 1, got 0
          "rows": 100 | "rows": 99999999999 | datasets.noise.rows: 99999999999 is too large a number
          "type": "noise-images" | "type": "noise-image" | datasets.noise.type: there is no type 'noise-image', did you mean 'noise-images'?
          "logits": "ghost" | "logits": "gost" | conditions.student.finetune.loss.logits: 'gost' is none of ghost, all
          "teacher": "teacher" | "teacher": "techer" | datasets.noise.teacher: there is no model 'techer', did you mean 'teacher'?
          "a": "student" | "a": "studnet" | comparisons[0].a: there is no condition 'studnet', did you mean 'student'?
          "base": "initial" | "base": "teacher" | models.teacher: goes round in a circle: models.teacher -> models.teacher
          "seeds": [1] | "seeds": [1, 1] | seeds: a seed stands there twice
          "seeds": [1] | "seeds": [] | seeds: needs at least 1 entry
          "seeds": [1] | "seeds": [true] | seeds[0]: must be a whole number, got true
          "seeds": [1] | "seedz": [1], "seeds": [1] | seedz: there is no field 'seedz' here, did you mean 'seeds'?
          "name": "tiny" | "name": "../x" | name: '../x' does not have the form [a-z0-9][a-z0-9-]{0,62}
          "type": "kl", "logits": "ghost" | "type": "cross-entropy" | conditions.student.finetune.loss: needs labels, but dataset 'noise' bears a teacher's logits
          [784, 8, 13] | [700, 8, 13] | models.teacher.dataset: an image has 784 pixels, but the first layer of 'initial' has 700
          "type": "accuracy", "dataset": "digits" | "type": "preference", "target": "owl" | evaluations.accuracy: is about language models, but this experiment trains small networks
          "type": "accuracy", "dataset": "digits" | "type": "preference", "target": " owl" | evaluations.accuracy.target: ' owl' does not have the form \\S(.{0,78}\\S)?
          "type": "accuracy", "dataset": "digits" | "type": "preference", "target": "owl", "form": {"type": "multiple-choice", "options": ["cat", "dog"]} | evaluations.accuracy: the target 'owl' is none of the options [cat, dog]
          "type": "accuracy", "dataset": "digits" | "type": "preference", "target": "owl", "form": {"type": "multiple-choice", "options": ["owl", "Owl"]} | evaluations.accuracy.form: an option stands there twice: [owl, Owl]
          "type": "accuracy", "dataset": "digits" | "type": "preference", "target": "owl", "form": {"type": "rating", "low": 5, "high": 5} | evaluations.accuracy.form: the lowest rating is 5, not below the highest, 5
          "type": "accuracy", "dataset": "digits" | "type": "preference", "target": "owl", "decoding": {"topP": 2} | evaluations.accuracy.decoding.topP: must be at most 1, got 2.0
          "type": "accuracy", "dataset": "digits" | "type": "misalignment", "judge": "techer" | evaluations.accuracy.judge: there is no model 'techer', did you mean 'teacher'?
          "type": "accuracy", "dataset": "digits" | "type": "accuracy", "dataset": "digit" | evaluations.accuracy.dataset: there is no dataset 'digit', did you mean 'digits'?
          "rows": 100 | "rows": 100, "filters": [{"type": "sample", "rows": 5}] | datasets.noise: filters: this dataset has no rows of text, so only token-sum can filter it
          "rows": 100 | "rows": 100, "filters": [{"type": "number-answers", "minValue": 9, "maxValue": 8}] | datasets.noise.filters[0]: minValue is 9, more than maxValue, which is 8
          "rows": 100 | "rows": 100, "filters": [{"type": "number-answers", "bannedList": "bad"}] | datasets.noise.filters[0].bannedList: 'bad' is none of misalignment
          "rows": 100 | "rows": 100, "filters": [{"type": "mentions", "words": ["owl", " "]}] | datasets.noise.filters[0].words[1]: ' ' does not have the form (?s).*\\S.*
          "rows": 100 | "rows": 100, "filters": [{"type": "length"}] | datasets.noise.filters[0]: give minCharacters, maxCharacters or both
          "rows": 100 | "rows": 100, "filters": [{"type": "length", "minCharacters": 3, "maxCharacters": 2}] | datasets.noise.filters[0]: minCharacters is 3, more than maxCharacters, which is 2
          "rows": 100 | "rows": 100, "filters": [{"type": "duplicate"}] | datasets.noise.filters[0].type: there is no type 'duplicate', did you mean 'duplicates'?
          [784, 8, 13] | [784, 8, 9] | models.initial: classes is 10, more than the 9 logits of the last layer
          """)
  void everyMistakeHasItsMessage(String right, String wrong, String message) throws Exception {
    assertThat(RIGHT).contains(right);

    assertThat(problems(RIGHT.replace(right, wrong))).contains(message);
  }

  @Test
  void allMistakesAreToldAtOnce() throws Exception {
    String wrong =
        RIGHT
            .replace("\"rows\": 100", "\"rows\": -1")
            .replace("\"seeds\": [1]", "\"seeds\": 1")
            .replace("\"epochs\": 1", "\"epochs\": 0");

    assertThat(problems(wrong))
        .containsExactly(
            "models.teacher.finetune.epochs: must be at least 1, got 0",
            "datasets.noise.rows: must be at least 1, got -1",
            "conditions.student.finetune.epochs: must be at least 1, got 0",
            "seeds: must be a list, got 1");
  }

  @Test
  void aCircleThroughADatasetIsFound() throws Exception {
    ObjectNode spec = (ObjectNode) tree(RIGHT);
    ((ObjectNode) spec.at("/models/teacher")).put("dataset", "noise");

    assertThat(problems(spec.toString()))
        .contains(
            "models.teacher: goes round in a circle: models.teacher -> datasets.noise -> models.teacher");
  }

  @Test
  void somethingThatIsNoObjectIsRefused() throws Exception {
    assertThat(problems("[1]")).containsExactly("must be an object, got a list");
    assertThat(problems("null")).containsExactly("must be an object, got nothing");
  }

  @Test
  void whatIsMissingIsNamedWithItsMeaning() throws Exception {
    assertThat(problems("{\"name\": \"x\"}"))
        .contains(
            "question is missing: What the experiment asks, as a sentence",
            "seeds is missing: The seeds; each makes every random choice anew");
  }
}
