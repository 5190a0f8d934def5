package dev.inkling.model.open;

import dev.inkling.model.weights.Tokenizer;
import dev.inkling.tensor.transformer.TokenTable;
import java.util.LinkedHashMap;
import java.util.Map;

/** The tables of the patterns that a model was last asked with; making one takes about a second. */
final class Patterns {
  private static final int KEPT = 16;

  private final Tokenizer tokenizer;
  private final int vocabulary;
  private final Map<String, TokenTable> tables = new LinkedHashMap<>();

  /**
   * Patterns over a model's tokens.
   *
   * @param vocabulary rows of the embedding, of which the tokenizer may know fewer
   */
  Patterns(Tokenizer tokenizer, int vocabulary) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
  }

  /** One at a time, for many ask with the same pattern at once. */
  synchronized TokenTable table(String pattern) {
    TokenTable table = tables.remove(pattern);
    if (table == null) {
      table = TokenPattern.table(pattern, vocabulary, tokenizer::bytes, tokenizer.stopTokens());
    }
    tables.put(pattern, table);
    if (tables.size() > KEPT) {
      tables.remove(tables.keySet().iterator().next());
    }
    return table;
  }
}
