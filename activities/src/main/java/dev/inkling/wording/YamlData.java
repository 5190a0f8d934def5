package dev.inkling.wording;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.inkling.spec.Suggestion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/** YAML texts, those that come with Inkling and those of users, as records. */
public final class YamlData {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  private YamlData() {}

  /** A text that comes with Inkling and stands beside a class, named without its ending. */
  public static byte[] bytes(Class<?> owner, String name) {
    try (InputStream in = owner.getResourceAsStream(name + ".yaml")) {
      if (in == null) {
        throw new IllegalArgumentException("there is no " + name + ".yaml beside " + owner);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A text that comes with Inkling and stands beside a class, as a record. */
  public static <T> T read(Class<?> owner, String name, Class<T> type) {
    return parse(name + ".yaml", bytes(owner, name), type);
  }

  /**
   * A text as a record.
   *
   * @param source what the text is called in messages
   * @throws IllegalArgumentException if it is not YAML, or not of the record's form
   */
  public static <T> T parse(String source, byte[] text, Class<T> type) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    try {
      Object tree =
          new Yaml(new SafeConstructor(options)).load(new String(text, StandardCharsets.UTF_8));
      T value = JSON.convertValue(tree, type);
      if (value == null) {
        throw new IllegalArgumentException("it is empty");
      }
      return value;
    } catch (YAMLException | IllegalArgumentException e) {
      throw new IllegalArgumentException(source + " cannot be read: " + reason(e), e);
    }
  }

  /** What is wrong, without the names of our classes where somebody else wrote the text. */
  private static String reason(RuntimeException e) {
    if (e instanceof MarkedYAMLException yaml && yaml.getProblemMark() != null) {
      return "line " + (yaml.getProblemMark().getLine() + 1) + ": " + yaml.getProblem();
    }
    if (e.getCause() instanceof ValueInstantiationException refused && refused.getCause() != null) {
      return String.valueOf(refused.getCause().getMessage());
    }
    if (e.getCause() instanceof UnrecognizedPropertyException unknown) {
      return "there is no field '"
          + unknown.getPropertyName()
          + "' here"
          + Suggestion.among(
              unknown.getPropertyName(),
              unknown.getKnownPropertyIds().stream().map(String::valueOf).toList());
    }
    if (e.getCause() instanceof MismatchedInputException other && !other.getPath().isEmpty()) {
      return "'" + place(other) + "' is missing or has another form";
    }
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** Where it stands, as in {@code questions[2].ask}. */
  private static String place(JsonMappingException e) {
    StringBuilder place = new StringBuilder();
    for (JsonMappingException.Reference part : e.getPath()) {
      if (part.getFieldName() == null) {
        place.append('[').append(part.getIndex()).append(']');
      } else {
        place.append(place.isEmpty() ? "" : ".").append(part.getFieldName());
      }
    }
    return place.toString();
  }
}
