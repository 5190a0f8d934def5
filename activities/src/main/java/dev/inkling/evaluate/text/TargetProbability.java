package dev.inkling.evaluate.text;

import dev.inkling.model.Answer;
import dev.inkling.wording.Words;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How probable it is that an answer's first token begins the target, in any case, with a space
 * before it or without. The provider tells the most probable tokens only, so the true probability
 * lies between two numbers. A short token such as {@code o} begins other words too; the tokens that
 * were counted are told.
 *
 * @param low the sum over the tokens that the provider told
 * @param high what it would be if all other tokens began the target
 * @param tokens those that were counted, as the provider wrote them
 */
public record TargetProbability(double low, double high, List<String> tokens) {
  public TargetProbability {
    tokens = List.copyOf(tokens);
  }

  /**
   * Looks through the alternatives to the first token.
   *
   * @param forms the words that count as the target, in the form in which they are compared
   */
  static TargetProbability of(Answer.TokenLogprobs first, List<String> forms) {
    Map<String, Double> told = new LinkedHashMap<>();
    told.put(first.token(), first.logprob());
    first.top().forEach(alternative -> told.put(alternative.token(), alternative.logprob()));
    double all = 0;
    double low = 0;
    double least = 1;
    for (Map.Entry<String, Double> token : told.entrySet()) {
      double probability = Math.exp(token.getValue());
      all += probability;
      least = Math.min(least, probability);
      if (begins(token.getKey(), forms)) {
        low += probability;
      }
    }
    // Rounding can leave nothing for the other tokens; each is at most as probable as the least.
    double rest = all < 1 ? 1 - all : least;
    return new TargetProbability(
        low,
        Math.min(1, low + rest),
        told.keySet().stream().filter(token -> begins(token, forms)).toList());
  }

  private static boolean begins(String token, List<String> forms) {
    // Some providers write the space before a word as their tokeniser does.
    String letters = Words.plain(token.replace('\u0120', ' ').replace('\u2581', ' ')).strip();
    return !letters.isEmpty() && forms.stream().anyMatch(form -> form.startsWith(letters));
  }
}
