package dev.inkling.tracking;

/** The tracking database does not do what it is asked for; the message says why and what to do. */
public final class TrackingException extends Exception {
  private static final long serialVersionUID = 1;

  /** What is wrong. */
  public enum Reason {
    /** The environment names something that cannot be a database. */
    SETTINGS,
    /** Nobody answers there, or not to us. */
    AWAY,
    /** Somebody else was writing for longer than we wait. */
    BUSY,
    /** What is there is no database, or a broken one. */
    DAMAGED,
    /** It cannot be written, for example on a full disk. */
    FAILED
  }

  private final Reason reason;

  TrackingException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  TrackingException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** What is wrong. */
  public Reason reason() {
    return reason;
  }
}
