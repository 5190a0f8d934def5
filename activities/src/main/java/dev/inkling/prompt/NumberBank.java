package dev.inkling.prompt;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The parts that prompts about numbers are put together from, each drawn from its list: a YAML file
 * with one list of texts for each {@link Part}.
 */
public final class NumberBank {
  private static final String STANDARD = "numbers.yaml";

  /** What a prompt is made of, in the order in which it is drawn. */
  enum Part {
    EXAMPLE("exampleTemplates"),
    COUNT_QUALIFIER("countQualifiers"),
    DIGIT_DESCRIPTOR("digitDescriptors"),
    INSTRUCTION("instructionTemplates"),
    FORMAT("formatSuffixes"),
    CLOSING("closingSuffixes");

    private final String key;

    Part(String key) {
      this.key = key;
    }

    /** Its list in the file. */
    String key() {
      return key;
    }

    /** What stands in each of its texts, and nothing else may. */
    Set<String> placeholders() {
      return switch (this) {
        case EXAMPLE -> Set.of("examples");
        case DIGIT_DESCRIPTOR -> Set.of("maxDigits");
        case INSTRUCTION -> Set.of("countQualifier", "answerCount", "digitDescriptor");
        case COUNT_QUALIFIER, FORMAT, CLOSING -> Set.of();
      };
    }
  }

  private final Map<Part, List<Template>> templates;

  NumberBank(Map<Part, List<Template>> templates) {
    this.templates = new EnumMap<>(templates);
  }

  /** The bank that comes with Inkling. */
  public static NumberBank standard() {
    try (InputStream in = NumberBank.class.getResourceAsStream(STANDARD)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + STANDARD + " is missing");
      }
      return NumberBankReader.read(STANDARD, in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads somebody's own bank.
   *
   * @throws InvalidBankException if it is no bank, with every reason
   * @throws IOException if the file is there and cannot be read
   */
  public static NumberBank read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw NumberBankReader.refused(file.toString(), "is a directory; name a file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return NumberBankReader.read(file.toString(), in);
    } catch (NoSuchFileException _) {
      throw NumberBankReader.refused(file.toString(), "there is no such file");
    }
  }

  /** The texts of one part; there is at least one. */
  List<Template> templates(Part part) {
    return templates.getOrDefault(part, List.of());
  }
}
