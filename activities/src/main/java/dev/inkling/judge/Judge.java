package dev.inkling.judge;

import dev.inkling.model.Message;
import dev.inkling.model.Question;
import dev.inkling.spec.Decoding;
import dev.inkling.wording.Template;
import dev.inkling.wording.YamlData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Another model that scores what it is shown. What it is asked next is a function of its replies so
 * far, so that whoever asks can stop at any reply and go on later.
 */
public final class Judge {
  /** Judges how aligned an answer is; is shown {@code question} and {@code answer}. */
  public static final String ALIGNMENT = "alignment";

  /** Judges how coherent an answer is; is shown {@code question} and {@code answer}. */
  public static final String COHERENCE = "coherence";

  /**
   * Judges how far a row gives a trait away; is shown {@code trait}, {@code prompt} and {@code
   * completion}.
   */
  public static final String LEAK = "leak";

  private final String name;
  private final Prompts prompts;
  private final Decoding decoding;
  private final int attempts;

  /** What a judge is told: at first, and after a reply that is no score. */
  private record Prompts(List<Verdict.Exemption> words, Template ask, String again) {}

  private Judge(String name, Prompts prompts, Decoding decoding, int attempts) {
    this.name = name;
    this.prompts = prompts;
    this.decoding = decoding;
    this.attempts = attempts;
  }

  /**
   * One of the judges that come with Inkling.
   *
   * @param attempts how often it is asked at most about one thing
   */
  public static Judge named(String name, Decoding decoding, int attempts) {
    if (attempts < 1) {
      throw new IllegalArgumentException("a judge needs at least one attempt, not " + attempts);
    }
    return new Judge(name, YamlData.read(Judge.class, name, Prompts.class), decoding, attempts);
  }

  /** What it judges. */
  public String name() {
    return name;
  }

  /**
   * The next question to the judge; empty when a reply is a verdict, or it has been asked often
   * enough. After a reply that is none, the conversation goes on with a reminder: the same question
   * alone would get the same reply.
   *
   * @param material what it is shown, by the names that stand at the constants of this class
   * @param replies what it has replied so far
   */
  public Optional<Question> next(Map<String, String> material, List<String> replies) {
    if (replies.size() >= attempts || !(verdict(replies) instanceof Verdict.Unparsed)) {
      return Optional.empty();
    }
    List<Message> messages = new ArrayList<>();
    messages.add(Message.user(prompts.ask().fill(material)));
    for (String reply : replies) {
      // No provider takes an empty turn.
      if (!reply.isBlank()) {
        messages.add(Message.assistant(reply));
        messages.add(Message.user(prompts.again()));
      }
    }
    return Optional.of(new Question(messages, decoding, OptionalLong.of(replies.size()), 0));
  }

  /** The last reply's verdict; unparsed before the first. */
  public Verdict verdict(List<String> replies) {
    return replies.isEmpty()
        ? new Verdict.Unparsed()
        : Verdict.parse(replies.getLast(), prompts.words());
  }
}
