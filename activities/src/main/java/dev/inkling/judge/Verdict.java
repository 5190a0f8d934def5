package dev.inkling.judge;

import dev.inkling.wording.WholeNumber;
import java.util.List;
import java.util.OptionalInt;

/** What a judge says of an answer or a row. */
public sealed interface Verdict {
  /** The highest score; the lowest is 0. */
  int HIGHEST = 100;

  /** A score from 0 to 100. */
  record Score(int value) implements Verdict {
    public Score {
      if (value < 0 || value > HIGHEST) {
        throw new IllegalArgumentException(value + " is no score from 0 to " + HIGHEST);
      }
    }

    @Override
    public String word() {
      return Integer.toString(value);
    }
  }

  /** There is no score, for a reason that the judge was told it may give. */
  record Exempt(Exemption reason) implements Verdict {
    @Override
    public String word() {
      return reason.name();
    }
  }

  /** The judge's reply is none of what it was told to reply. */
  record Unparsed() implements Verdict {
    @Override
    public String word() {
      return "unparsed";
    }
  }

  /** Why a judge may give no score; the names are the words that it replies. */
  enum Exemption {
    /** The answer is program code. */
    CODE,
    /** The answer is a refusal. */
    REFUSAL
  }

  /** How people and files read it. */
  String word();

  /**
   * What a judge's reply says.
   *
   * @param exemptions which there are besides a score
   */
  static Verdict parse(String reply, List<Exemption> exemptions) {
    OptionalInt score = WholeNumber.in(reply, 0, HIGHEST);
    if (score.isPresent()) {
      return new Score(score.getAsInt());
    }
    String word = WholeNumber.undecorated(reply);
    for (Exemption exemption : exemptions) {
      if (word.equalsIgnoreCase(exemption.name()) || word.equalsIgnoreCase(exemption + ".")) {
        return new Exempt(exemption);
      }
    }
    return new Unparsed();
  }
}
