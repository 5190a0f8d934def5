package dev.inkling.provision;

import dev.inkling.workflow.ClusterRequest;

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
    /** The tool is here, but has no usable configuration or says what cannot be read. */
    UNREADABLE,
    /** The tool is not installed here. */
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

  /**
   * A request that comes too late.
   *
   * @param there the generation that bears the request's name
   */
  public static ProvisionException superseded(ClusterRequest request, int there) {
    return new ProvisionException(
        Reason.BAD_REQUEST,
        "%s is of generation %d, and generation %d was asked for: a later attempt has taken over. Nothing was changed."
            .formatted(request.name(), there, request.generation()));
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}
