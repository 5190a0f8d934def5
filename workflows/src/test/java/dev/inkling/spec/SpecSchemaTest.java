package dev.inkling.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpecSchemaTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void theCommittedSchemaIsThatOfTheRecords() throws Exception {
    Path committed = Path.of("../docs/spec.schema.json");
    String now = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(SpecSchema.schema());

    assertThat(JSON.readTree(Files.readString(committed)))
        .as("run ./inkling schema > docs/spec.schema.json")
        .isEqualTo(JSON.readTree(now));
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        ModelSpec.class,
        DatasetSpec.class,
        FilterSpec.class,
        FilterSpec.OfRows.class,
        Loss.class,
        EvaluationSpec.class,
        AnswerForm.class,
        Compute.class
      })
  void everyKindHasItsNameInJson(Class<?> sealed) {
    assertThat(SpecSchema.kinds(sealed)).hasSameElementsAs(records(sealed));
  }

  private static List<Class<?>> records(Class<?> sealed) {
    return Stream.of(sealed.getPermittedSubclasses())
        .flatMap(c -> c.isRecord() ? Stream.of(c) : records(c).stream())
        .<Class<?>>map(c -> c)
        .distinct()
        .toList();
  }
}
