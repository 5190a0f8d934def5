package dev.inkling.model;

/** A turn of a conversation. */
public record Message(Role role, String text) {
  /** Who speaks. */
  public enum Role {
    SYSTEM,
    USER,
    ASSISTANT
  }

  /** What the model is told about itself. */
  public static Message system(String text) {
    return new Message(Role.SYSTEM, text);
  }

  /** What the model is asked. */
  public static Message user(String text) {
    return new Message(Role.USER, text);
  }

  /** What the model is said to have answered. */
  public static Message assistant(String text) {
    return new Message(Role.ASSISTANT, text);
  }
}
