package dev.inkling.filter;

import dev.inkling.spec.FilterSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The lists of banned numbers that come with Inkling, each a YAML file of numbers and reasons. */
public final class BannedNumbers {
  private BannedNumbers() {}

  /** The numbers of a list in ascending order, each with the reason why it is there. */
  public static Map<Integer, String> of(FilterSpec.NumberAnswers.BannedList list) {
    String file =
        switch (list) {
          case MISALIGNMENT -> "misalignment.yaml";
        };
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    Map<Integer, String> numbers = new LinkedHashMap<>();
    try (InputStream in = BannedNumbers.class.getResourceAsStream(file)) {
      Map<?, ?> entries = new Yaml(new SafeConstructor(options)).load(in);
      entries.forEach((number, reason) -> numbers.put((Integer) number, (String) reason));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return Collections.unmodifiableMap(numbers);
  }
}
