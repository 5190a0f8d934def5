package dev.inkling.ask;

import java.util.OptionalLong;

/** What may be asked of one model in a minute, by everybody together. */
public record Quota(OptionalLong requestsPerMinute, OptionalLong tokensPerMinute) {
  public Quota {
    if (requestsPerMinute.orElse(1) < 1 || tokensPerMinute.orElse(1) < 1) {
      throw new IllegalArgumentException(
          "A quota of less than one a minute would wait for ever: requests "
              + requestsPerMinute
              + ", tokens "
              + tokensPerMinute);
    }
  }
}
