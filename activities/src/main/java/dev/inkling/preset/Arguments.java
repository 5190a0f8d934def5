package dev.inkling.preset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Problem;
import dev.inkling.spec.Suggestion;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The values of a preset's parameters, as fields beside the preset's name. */
final class Arguments {
  private static final List<String> FIELDS =
      Arrays.stream(ExperimentSpec.class.getRecordComponents())
          .map(RecordComponent::getName)
          .toList();

  private Arguments() {}

  /**
   * Takes the values out of a document; what remains is part of a spec.
   *
   * @throws InvalidSpecException with every value that is missing, of another kind or not known
   */
  static Map<String, JsonNode> take(String preset, List<Parameter> parameters, ObjectNode document)
      throws InvalidSpecException {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    List<Problem> problems = new ArrayList<>();
    for (Parameter parameter : parameters) {
      JsonNode given = document.remove(parameter.name());
      if (given != null && !given.isNull()) {
        parameter.problem(given).ifPresent(problems::add);
        values.put(parameter.name(), given);
      } else if (parameter.byDefault().isPresent()) {
        values.put(parameter.name(), parameter.byDefault().get());
      } else {
        problems.add(parameter.missing(preset));
      }
    }
    if (!parameters.isEmpty()) {
      document
          .fieldNames()
          .forEachRemaining(
              name -> {
                if (!FIELDS.contains(name)) {
                  problems.add(unknown(preset, parameters, name));
                }
              });
    }
    if (!problems.isEmpty()) {
      throw new InvalidSpecException(problems);
    }
    return values;
  }

  private static Problem unknown(String preset, List<Parameter> parameters, String name) {
    List<String> known =
        Stream.concat(parameters.stream().map(Parameter::name), FIELDS.stream()).toList();
    return new Problem(
        name,
        "is no parameter of the preset '"
            + preset
            + "' and no part of a spec"
            + Suggestion.among(name, known));
  }
}
