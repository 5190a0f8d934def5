package dev.inkling.model.hub;

/** The Hub did not give or take what was wanted. The message is for people, and holds no token. */
public final class HubException extends Exception {
  private static final long serialVersionUID = 1;

  /** Why not. */
  public enum Reason {
    /** A token is missing, is not valid, or its account may not do this. */
    NO_ACCESS(false),
    /** There is no such repository, revision or file. */
    NOT_FOUND(false),
    /** The Hub will not, or what it has is nothing that we can use. */
    REFUSED(false),
    /** HF_HUB_OFFLINE is set, and the cache does not have it. */
    OFFLINE(false),
    /** A file's bytes are not those that its hash promises. */
    DAMAGED(false),
    /** This machine's disk is full or cannot be written. */
    DISK(false),
    /** The Hub or the way there does not work at the moment. */
    UNAVAILABLE(true);

    private final boolean passing;

    Reason(boolean passing) {
      this.passing = passing;
    }

    /** Whether trying again later can help. */
    public boolean passing() {
      return passing;
    }
  }

  private final Reason reason;

  HubException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  HubException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why it did not. */
  public Reason reason() {
    return reason;
  }
}
