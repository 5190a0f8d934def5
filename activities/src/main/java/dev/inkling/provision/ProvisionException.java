package dev.inkling.provision;

/** A tool that makes machines could not do what it was told. */
public final class ProvisionException extends Exception {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  /** Why, and whether trying again can help. */
  public enum Reason {
    /** There is no such machine now: another candidate, or later. */
    NO_CAPACITY,
    /** The tool has no access: somebody must log in or set a key. */
    NO_CREDENTIALS,
    /** The account may have no more, or the price is beyond the limit. */
    QUOTA,
    /** The request is wrong, and stays so. */
    BAD_REQUEST,
    /** The tool, or what it talks to, is away: later. */
    UNAVAILABLE,
    /** The tool is not installed here, or is of another version than can be read. */
    NO_TOOL
  }

  /**
   * A failure in words for people.
   *
   * @param message what happened, what was kept, what to do next
   */
  public ProvisionException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}
