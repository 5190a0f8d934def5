package dev.inkling.model;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** An answer, and what the provider said beside it about its rate limits. */
public record Reply(Answer answer, Headroom headroom) {
  /**
   * How much the provider still takes, from its rate-limit headers; empty where it says nothing.
   *
   * @param requests how many more requests, until they are refilled
   * @param requestsReset when the requests are refilled
   * @param tokens how many more tokens
   * @param tokensReset when the tokens are refilled
   */
  public record Headroom(
      OptionalLong requests,
      Optional<Duration> requestsReset,
      OptionalLong tokens,
      Optional<Duration> tokensReset) {
    /** Nothing was said. */
    public static final Headroom UNKNOWN =
        new Headroom(
            OptionalLong.empty(), Optional.empty(), OptionalLong.empty(), Optional.empty());
  }
}
