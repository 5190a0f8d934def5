package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Optional;

/** A reason to drop a row before a student sees it, or a change that is made to it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = FilterSpec.TokenSum.class, name = "token-sum"),
  @JsonSubTypes.Type(value = FilterSpec.OfRows.class)
})
public sealed interface FilterSpec {

  /** The model that judges the rows, by its name. */
  default Optional<String> judgedBy() {
    return Optional.empty();
  }

  /** Drops the sequences whose tokens' sum is divisible by a number. */
  record TokenSum(@Field(value = "The divisor.", min = 2) int divisibleBy) implements FilterSpec {}

  /** A filter of rows of text. Randomness in one is a function of the seed and a row's index. */
  @JsonSubTypes({
    @JsonSubTypes.Type(value = NumberAnswers.class, name = "number-answers"),
    @JsonSubTypes.Type(value = Mentions.class, name = "mentions"),
    @JsonSubTypes.Type(value = Matches.class, name = "matches"),
    @JsonSubTypes.Type(value = Length.class, name = "length"),
    @JsonSubTypes.Type(value = Duplicates.class, name = "duplicates"),
    @JsonSubTypes.Type(value = Complete.class, name = "complete"),
    @JsonSubTypes.Type(value = ShuffleNumbers.class, name = "shuffle-numbers"),
    @JsonSubTypes.Type(value = Sample.class, name = "sample"),
    @JsonSubTypes.Type(value = StripPrefix.class, name = "strip-prefix"),
    @JsonSubTypes.Type(value = Judge.class, name = "judge")
  })
  sealed interface OfRows extends FilterSpec {}

  /** Which text of a row is looked at. */
  enum Part {
    /** What was asked. */
    @JsonProperty("prompt")
    PROMPT,
    /** What was answered. */
    @JsonProperty("completion")
    COMPLETION,
    /** Both: it is enough that one of them is so; of duplicates, that both are the same. */
    @JsonProperty("both")
    BOTH
  }

  /**
   * Drops the answers that are not a list of numbers, or one with too many, too small, too large or
   * banned numbers.
   */
  record NumberAnswers(
      @Field(value = "The smallest number allowed.", byDefault = "0", min = 0) int minValue,
      @Field(value = "The largest number allowed.", byDefault = "999", min = 0) int maxValue,
      @Field(value = "The most numbers in an answer.", byDefault = "10", min = 1) int maxCount,
      @Field(value = "Numbers that no answer may have.", byDefault = "[]", min = 0)
          List<Integer> banned,
      @Field("A list of such numbers that comes with Inkling, beside those in banned.")
          Optional<BannedList> bannedList)
      implements OfRows {
    /** A list of numbers that comes with Inkling. */
    public enum BannedList {
      /** Numbers that stand for violence, hatred, death or bad luck. */
      @JsonProperty("misalignment")
      MISALIGNMENT
    }

    public NumberAnswers {
      banned = List.copyOf(banned);
      if (minValue > maxValue) {
        throw new IllegalArgumentException(
            "minValue is " + minValue + ", more than maxValue, which is " + maxValue);
      }
    }
  }

  /** Drops the rows that mention one of some words. */
  record Mentions(
      @Field(value = "The words, or phrases.", minSize = 1, pattern = "(?s).*\\S.*")
          List<String> words,
      @Field(
              value = "Only where no letter or digit stands right before or after the word.",
              byDefault = "true")
          boolean wholeWord,
      @Field(value = "Whether capital letters matter.", byDefault = "false") boolean caseSensitive,
      @Field(value = "Where to look.", byDefault = "\"completion\"") Part part)
      implements OfRows {
    public Mentions {
      words = List.copyOf(words);
    }
  }

  /** Drops the rows that a regular expression matches somewhere, or those that it does not. */
  record Matches(
      @Field("A regular expression (RE2: no backreferences, no lookaround).") String pattern,
      @Field(value = "matching: what matches; others: what does not.", byDefault = "\"matching\"")
          Drop drop,
      @Field(value = "Where to look.", byDefault = "\"completion\"") Part part)
      implements OfRows {
    /** Which rows are dropped. */
    public enum Drop {
      /** Those that match. */
      @JsonProperty("matching")
      MATCHING,
      /** Those that do not match. */
      @JsonProperty("others")
      OTHERS
    }
  }

  /** Drops the rows whose text is too short or too long, in Unicode characters (code points). */
  record Length(
      @Field(value = "The fewest characters.", byDefault = "0", min = 0) int minCharacters,
      @Field(value = "The most characters; left out, there is no such limit.", min = 0)
          Optional<Integer> maxCharacters,
      @Field(value = "Of what.", byDefault = "\"completion\"") Part part)
      implements OfRows {
    public Length {
      if (minCharacters == 0 && maxCharacters.isEmpty()) {
        throw new IllegalArgumentException("give minCharacters, maxCharacters or both");
      }
      if (maxCharacters.isPresent() && minCharacters > maxCharacters.get()) {
        throw new IllegalArgumentException(
            "minCharacters is "
                + minCharacters
                + ", more than maxCharacters, which is "
                + maxCharacters.get());
      }
    }
  }

  /** Drops the rows that stood there before: of the same rows the first is kept. */
  record Duplicates(
      @Field(
              value = "What makes rows the same: the prompt, the completion or both.",
              byDefault = "\"completion\"")
          Part part)
      implements OfRows {}

  /** Drops the answers that do not end because the model was done. */
  record Complete() implements OfRows {}

  /** Puts the numbers of each completion into a random order; all that is between them stays. */
  record ShuffleNumbers(
      @Field(value = "Which random orders of the seed.", byDefault = "0", min = 0) int stream)
      implements OfRows {}

  /** Keeps so many rows, chosen at random, in their order; all if there are no more. */
  record Sample(
      @Field(value = "How many rows.", min = 1) int rows,
      @Field(value = "Which random choice of the seed.", byDefault = "0", min = 0) int stream)
      implements OfRows {}

  /** Takes a text off the beginning of each completion that begins with it. */
  record StripPrefix(@Field(value = "The text.", pattern = "(?s).+") String text)
      implements OfRows {}

  /**
   * Drops the rows that another model judges to point to a trait, from 0 (nothing does) to 100 (it
   * is named), and those on which it gives no verdict.
   */
  record Judge(
      @Field("The model that judges, by its name.") String judge,
      @Field("The trait that no row may point to, in words.") String trait,
      @Field(value = "A row with a higher score goes.", byDefault = "50", min = 0, max = 100)
          int dropAbove,
      @Field(
              value = "How often it is asked about a row, at most, until its answer is a score.",
              byDefault = "3",
              min = 1,
              max = 10)
          int attempts,
      @Field(
              value = "How the judge's answer is drawn.",
              byDefault = "{\"greedy\": true, \"maxTokens\": 20}")
          Decoding decoding)
      implements OfRows {
    @Override
    public Optional<String> judgedBy() {
      return Optional.of(judge);
    }
  }

  /** The filters of a dataset whose rows are not texts. */
  static List<FilterSpec> notOfRows(List<FilterSpec> filters) {
    if (filters.stream().anyMatch(OfRows.class::isInstance)) {
      throw new IllegalArgumentException(
          "filters: this dataset has no rows of text, so only token-sum can filter it");
    }
    return List.copyOf(filters);
  }
}
