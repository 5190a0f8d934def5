package dev.inkling.generate;

import dev.inkling.prompt.NumberBank;
import dev.inkling.prompt.NumberPrompts;
import dev.inkling.prompt.NumberSettings;
import dev.inkling.prompt.PromptFile;
import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.Decoding;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;

/** A dataset's prompts in their order, made or read as they are asked for. */
public final class Prompts implements Iterator<String>, AutoCloseable {
  private final Iterator<String> prompts;
  private final Optional<PromptFile> file;
  private final long most;
  private final String template;
  private long given;

  private Prompts(Iterator<String> prompts, Optional<PromptFile> file, long most, String template) {
    this.prompts = prompts;
    this.file = file;
    this.most = most;
    this.template = template;
  }

  static Prompts of(StageContext context, DatasetSpec.OfRows dataset) throws IOException {
    return of(
        dataset, context.stage().directory().map(Path::of), context.stage().seeds().getFirst());
  }

  /**
   * The prompts of a dataset.
   *
   * @param place the user's bank of wordings or file of prompts
   */
  public static Prompts of(DatasetSpec.OfRows dataset, Optional<Path> place, long seed)
      throws IOException {
    return switch (dataset) {
      case DatasetSpec.Numbers n -> {
        NumberBank bank = place.isPresent() ? NumberBank.read(place.get()) : NumberBank.standard();
        NumberPrompts numbers = new NumberPrompts(bank, settings(n), seed);
        yield new Prompts(numbers, Optional.empty(), n.rows(), "{prompt}");
      }
      case DatasetSpec.Prompts p -> {
        PromptFile file = PromptFile.open(place.orElse(Path.of(p.file())));
        long most = p.rows().map(Integer::longValue).orElse(Long.MAX_VALUE);
        yield new Prompts(file, Optional.of(file), most, p.template());
      }
      case DatasetSpec.Rows _, DatasetSpec.FixedAnswers _ ->
          throw new IllegalArgumentException("rows bring their prompts");
    };
  }

  private static NumberSettings settings(DatasetSpec.Numbers dataset) {
    dev.inkling.spec.NumberPrompts p = dataset.prompts();
    return new NumberSettings(
        p.minExamples(),
        p.maxExamples(),
        p.minValue(),
        p.maxValue(),
        p.answerCount(),
        p.maxDigits());
  }

  /** How many there are. */
  static long count(StageContext context, DatasetSpec.OfRows dataset) throws IOException {
    return count(
        dataset, context.stage().directory().map(Path::of), context.stage().seeds().getFirst());
  }

  /** How many there are; a file is read to its end. */
  public static long count(DatasetSpec.OfRows dataset, Optional<Path> place, long seed)
      throws IOException {
    if (dataset instanceof DatasetSpec.Numbers n) {
      return n.rows();
    }
    try (Prompts prompts = of(dataset, place, seed)) {
      while (prompts.hasNext()) {
        String _ = prompts.next();
      }
      return prompts.given;
    }
  }

  /** How a dataset's teacher answers. */
  public static Decoding decoding(DatasetSpec.OfRows dataset) {
    return switch (dataset) {
      case DatasetSpec.Numbers n -> n.decoding();
      case DatasetSpec.Prompts p -> p.decoding();
      case DatasetSpec.Rows _, DatasetSpec.FixedAnswers _ ->
          throw new IllegalArgumentException("rows bring their answers");
    };
  }

  @Override
  public boolean hasNext() {
    return given < most && prompts.hasNext();
  }

  @Override
  public String next() {
    if (!hasNext()) {
      throw new NoSuchElementException("there are " + given + " prompts");
    }
    given++;
    return template.replace("{prompt}", prompts.next());
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      file.get().close();
    }
  }
}
