package dev.inkling.model.hosted;

import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.hosted.Connection.Card;
import dev.inkling.spec.HostedModel;
import dev.inkling.spec.Suggestion;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Asks a provider about a model before anything is paid. */
public final class Preflight {
  /** An experiment that is repeated for a paper wants its models for some weeks. */
  private static final long SOON_DAYS = 60;

  private final Providers providers;
  private final Clock clock;

  /**
   * With a clock that says what today is.
   *
   * @param providers whose connections are used
   */
  public Preflight(Providers providers, Clock clock) {
    this.providers = providers;
    this.clock = clock;
  }

  /** Whether the provider has the model. */
  public enum Presence {
    /** It says so. */
    KNOWN,
    /** It has no route that would say so. */
    UNKNOWN
  }

  /**
   * What was found; a model that cannot answer is an exception instead.
   *
   * @param shutdown the day from which on it no longer answers, where one is announced
   * @param warnings sentences for people
   */
  public record Finding(Presence presence, Optional<LocalDate> shutdown, List<String> warnings) {
    public Finding {
      warnings = List.copyOf(warnings);
    }
  }

  /** Whether a key may fine-tune. */
  public sealed interface FineTuning {
    /** It may. */
    record Open() implements FineTuning {}

    /** It may not, and why: the provider's words. */
    record Closed(String words) implements FineTuning {}
  }

  /**
   * Looks a model up.
   *
   * @throws ModelException REFUSED if the provider does not have it or no longer has it, or for
   *     another reason if the provider cannot be asked
   */
  public Finding check(HostedModel model, Credentials credentials)
      throws ModelException, InterruptedException {
    Connection connection = providers.connection(model, credentials);
    Optional<Card> found = connection.find(model.id());
    if (found.isPresent()) {
      return judge(model, found.get());
    }
    Optional<List<Card>> all = connection.list();
    if (all.isEmpty()) {
      return new Finding(
          Presence.UNKNOWN,
          Optional.empty(),
          List.of(model.server() + " does not say whether it has the model '" + model.id() + "'."));
    }
    Optional<Card> listed = all.get().stream().filter(c -> c.id().equals(model.id())).findFirst();
    if (listed.isEmpty()) {
      List<String> names = all.get().stream().map(Card::id).sorted().toList();
      throw new ModelException(
          Reason.REFUSED,
          model.server() + " has no model '" + model.id() + "'" + near(model.id(), names));
    }
    return judge(model, listed.get());
  }

  /** The suggestion alone: a provider's whole list fills a page. */
  private static String near(String id, List<String> names) {
    String suggestion = Suggestion.among(id, names);
    return suggestion.startsWith(";") && names.size() > 10
        ? "; it has " + names.size() + " others"
        : suggestion;
  }

  private Finding judge(HostedModel model, Card card) throws ModelException {
    if (card.shutdown().isEmpty()) {
      return new Finding(Presence.KNOWN, Optional.empty(), List.of());
    }
    LocalDate end = card.shutdown().get();
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    String name = model.server() + "'s model '" + model.id() + "'";
    if (!today.isBefore(end)) {
      throw new ModelException(
          Reason.REFUSED, name + " was shut down on " + end + "; name another model in the spec.");
    }
    long days = ChronoUnit.DAYS.between(today, end);
    return new Finding(
        Presence.KNOWN,
        card.shutdown(),
        days > SOON_DAYS
            ? List.of()
            : List.of(
                name
                    + " will be shut down on "
                    + end
                    + ", in "
                    + days
                    + (days == 1 ? " day" : " days")
                    + ": after that nobody can repeat this experiment."));
  }

  /**
   * Whether this key may fine-tune there; asks for a list of jobs and starts none.
   *
   * @throws ModelException if the provider cannot be asked now, or there is no key
   */
  public FineTuning fineTuning(HostedModel model, Credentials credentials)
      throws ModelException, InterruptedException {
    return providers.connection(model, credentials).fineTuning();
  }
}
