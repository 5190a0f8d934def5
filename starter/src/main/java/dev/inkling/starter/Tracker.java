package dev.inkling.starter;

import dev.inkling.tracking.Tracking;
import dev.inkling.tracking.TrackingException;
import dev.inkling.worker.Home;
import java.time.Duration;

/** The tracking database as commands ask it, and what people are told where it does not answer. */
final class Tracker {
  /** Somebody else may be building it from a large store. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private Tracker() {}

  /** Something that is asked of the database. */
  interface Question<T> {
    T ask(Tracking tracking) throws TrackingException, UserException;
  }

  /** Asks the database as it is. */
  static <T> T ask(Home home, Question<T> question) throws UserException {
    try {
      return question.ask(home.tracking(PATIENCE));
    } catch (TrackingException e) {
      throw new UserException(
          e.reason() == TrackingException.Reason.SETTINGS ? Main.BAD_INPUT : Main.FAILED,
          e.getMessage() + ". " + remedy(e.reason()));
    }
  }

  /** Asks it after bringing it up to date with the store. */
  static <T> T askNow(Home home, Question<T> question) throws UserException {
    return ask(
        home,
        tracking -> {
          tracking.refresh(Session::tell);
          return question.ask(tracking);
        });
  }

  private static String remedy(TrackingException.Reason reason) {
    return switch (reason) {
      case SETTINGS -> "Experiments run without it.";
      case AWAY ->
          "Experiments run without it. Start it, or look at INKLING_TRACKING_URL, _USER and"
              + " _PASSWORD; without a URL the database is a file under INKLING_HOME.";
      case BUSY -> "Type the same command again.";
      case DAMAGED -> "Nothing is lost; to build it anew from the store: ./inkling reindex";
      case FAILED ->
          "Nothing is lost: everything in it comes from the store. When that is put right:"
              + " ./inkling reindex";
    };
  }
}
