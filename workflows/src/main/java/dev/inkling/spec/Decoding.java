package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import java.util.Optional;

/** How an answer is drawn from the model's distribution over tokens. */
public record Decoding(
    @Field(
            value = "The most probable token each time; temperature and topP then say nothing.",
            byDefault = "false")
        boolean greedy,
    @Field(
            value = "What the logits are divided by: below 1 the probable gets more so.",
            byDefault = "1.0",
            min = 0,
            max = 2)
        double temperature,
    @Field(
            value = "Only the most probable tokens that together have this probability.",
            byDefault = "1.0",
            min = 0,
            max = 1)
        double topP,
    @Field(value = "An answer longer than this many tokens is cut.", byDefault = "200", min = 1)
        int maxTokens,
    @Field(
            "How much the model thinks first, for OpenAI's models that do; their thoughts count among"
                + " maxTokens. Left out, what the provider chooses.")
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<Reasoning> reasoning,
    @Field(
            value = "Only so many of the most probable tokens; for models whose weights one holds.",
            min = 1,
            max = 1_000_000)
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<Integer> topK,
    @Field(
            value =
                "A regular expression that the whole answer matches: only tokens that can lead to such"
                    + " an answer are drawn, with their probabilities renormalised. For models whose"
                    + " weights one holds.",
            pattern = ".{1,1000}")
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<String> pattern) {
  public Decoding {
    // Specs and histories from before the fields have none.
    reasoning = reasoning == null ? Optional.empty() : reasoning;
    topK = topK == null ? Optional.empty() : topK;
    pattern = pattern == null ? Optional.empty() : pattern;
  }

  /** Of a model that any provider may run. */
  public Decoding(
      boolean greedy,
      double temperature,
      double topP,
      int maxTokens,
      Optional<Reasoning> reasoning) {
    this(greedy, temperature, topP, maxTokens, reasoning, Optional.empty(), Optional.empty());
  }

  /** Of a model that does not think first, or as much as its provider chooses. */
  public Decoding(boolean greedy, double temperature, double topP, int maxTokens) {
    this(greedy, temperature, topP, maxTokens, Optional.empty());
  }

  /** How much a model thinks before it answers. */
  public enum Reasoning {
    /** Not at all. */
    @JsonProperty("none")
    NONE,
    /** A word or two. */
    @JsonProperty("minimal")
    MINIMAL,
    /** Little. */
    @JsonProperty("low")
    LOW,
    /** What is usual. */
    @JsonProperty("medium")
    MEDIUM,
    /** Much. */
    @JsonProperty("high")
    HIGH;

    /** How specs and providers write it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
