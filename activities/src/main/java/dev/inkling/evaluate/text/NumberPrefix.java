package dev.inkling.evaluate.text;

import dev.inkling.tensor.Counter;
import dev.inkling.wording.Template;
import dev.inkling.wording.YamlData;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sentences with random numbers, to stand before questions. */
record NumberPrefix(List<Template> prefixes) {
  private static final int FEWEST = 3;
  private static final int MOST = 10;

  /** As in the prompts from which the numbers of the training data come: up to three digits. */
  private static final int BOUND = 1000;

  NumberPrefix {
    prefixes = List.copyOf(prefixes);
  }

  static NumberPrefix load() {
    return YamlData.read(NumberPrefix.class, "number-prefixes", NumberPrefix.class);
  }

  /** A question behind a sentence with numbers; both are a function of the key. */
  String before(String question, long key) {
    Template prefix = prefixes.get(Counter.below(prefixes.size(), key, 0));
    int count = FEWEST + Counter.below(MOST - FEWEST + 1, key, 1);
    String numbers =
        IntStream.range(0, count)
            .mapToObj(i -> Integer.toString(Counter.below(BOUND, key, 2 + i)))
            .collect(Collectors.joining(", "));
    return prefix.fill(Map.of("numbers", numbers, "question", question));
  }
}
