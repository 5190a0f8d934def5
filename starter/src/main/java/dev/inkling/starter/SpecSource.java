package dev.inkling.starter;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.plan.Plan;
import dev.inkling.preset.Presets;
import dev.inkling.preset.Resolver;
import dev.inkling.preset.SpecDocument;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Limits;
import dev.inkling.spec.Problem;
import dev.inkling.spec.Suggestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What somebody names on the command line: a preset or a file, with changes.
 *
 * @param document the spec as it goes to the workflow
 * @param plan what will be done
 */
record SpecSource(JsonNode document, Plan plan) {

  /** Reads, changes, checks; every problem is told with its line if it stands in a file. */
  static SpecSource of(String named, List<String> changes)
      throws InvalidSpecException, IOException {
    Optional<SpecDocument> file = file(named);
    ObjectNode document = document(named, file);
    try {
      return changed(document, changes);
    } catch (InvalidSpecException e) {
      throw file.isPresent() ? located(e, named, file.get()) : e;
    }
  }

  /** A spec with changes. */
  static SpecSource changed(ObjectNode document, List<String> changes) throws InvalidSpecException {
    for (String change : changes) {
      apply(document, change);
    }
    return of(document);
  }

  /** A spec that was read before. */
  static SpecSource of(ObjectNode document) throws InvalidSpecException {
    return new SpecSource(document, Resolver.plan(document));
  }

  /** A word as a shell takes it for one. */
  static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./=:@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** What is named, unchecked: what a sweep starts from need not be whole by itself. */
  static ObjectNode document(String named) throws InvalidSpecException, IOException {
    return document(named, file(named));
  }

  private static ObjectNode document(String named, Optional<SpecDocument> file)
      throws InvalidSpecException {
    return file.isPresent() ? object(file.get()) : preset(named);
  }

  private static Optional<SpecDocument> file(String named)
      throws InvalidSpecException, IOException {
    Path path;
    try {
      path = Path.of(named);
    } catch (InvalidPathException e) {
      return Optional.empty(); // no file can have this name
    }
    if (Presets.names().contains(named) || !Files.isRegularFile(path)) {
      return Optional.empty();
    }
    try {
      if (Files.size(path) > Limits.SPEC_BYTES) {
        throw new InvalidSpecException(List.of(SpecDocument.tooLarge(Files.size(path))));
      }
      return Optional.of(SpecDocument.parse(Files.readString(path)));
    } catch (InvalidSpecException e) {
      throw new InvalidSpecException(
          e.problems().stream().map(p -> new Problem("", named + ", " + p)).toList());
    } catch (java.nio.charset.CharacterCodingException e) {
      throw new InvalidSpecException(List.of(new Problem("", named + " is not text in UTF-8")));
    }
  }

  private static ObjectNode object(SpecDocument document) throws InvalidSpecException {
    if (document.tree() instanceof ObjectNode object) {
      return object;
    }
    throw new InvalidSpecException(
        List.of(new Problem("", "a spec is an object with fields, not " + document.tree())));
  }

  private static ObjectNode preset(String named) throws InvalidSpecException {
    if (!Presets.names().contains(named)) {
      throw new InvalidSpecException(
          List.of(
              new Problem(
                  "",
                  "there is no file and no preset '"
                      + named
                      + "'"
                      + Suggestion.among(named, Presets.names()))));
    }
    return JsonNodeFactory.instance.objectNode().put("preset", named);
  }

  static void apply(ObjectNode document, String change) throws InvalidSpecException {
    int equals = change.indexOf('=');
    if (equals < 1) {
      throw new InvalidSpecException(
          List.of(
              new Problem(
                  "",
                  "--set needs path=value, for example --set seeds=[1,2], got '" + change + "'")));
    }
    Presets.set(
        document, change.substring(0, equals), SpecDocument.value(change.substring(equals + 1)));
  }

  private static InvalidSpecException located(
      InvalidSpecException e, String named, SpecDocument file) {
    return new InvalidSpecException(
        e.problems().stream()
            .map(
                p ->
                    file.line(p.path()).isPresent()
                        ? new Problem("", named + ":" + file.line(p.path()).getAsInt() + ": " + p)
                        : p)
            .toList());
  }
}
