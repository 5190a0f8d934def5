package dev.inkling.worker;

/**
 * How a worker is.
 *
 * @param live whether its process answers; always so when this can be asked
 * @param ready whether it would take work now: connected, polling, and not about to stop
 * @param reason why it is ready or not, for people
 */
public record Health(boolean live, boolean ready, String reason) {
  static Health ready(String address) {
    return new Health(true, true, "polls " + address);
  }

  static Health notReady(String reason) {
    return new Health(true, false, reason);
  }
}
