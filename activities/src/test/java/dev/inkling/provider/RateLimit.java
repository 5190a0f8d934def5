package dev.inkling.provider;

import java.util.LinkedHashMap;
import java.util.Map;

/** A bucket that holds a second's worth of requests and is refilled all the time. */
final class RateLimit {
  private final double perSecond;
  private final double capacity;
  private double left;
  private long asOf = System.nanoTime();

  RateLimit(int requestsPerMinute) {
    perSecond = requestsPerMinute / 60.0;
    capacity = Math.max(1, perSecond);
    left = capacity;
  }

  /** Takes a request out, if there is one. */
  synchronized boolean take() {
    long now = System.nanoTime();
    left = Math.min(capacity, left + (now - asOf) / 1e9 * perSecond);
    asOf = now;
    if (left < 1) {
      return false;
    }
    left--;
    return true;
  }

  /** How long until the next request is taken. */
  synchronized long waitMs() {
    return left >= 1 ? 0 : (long) Math.ceil((1 - left) / perSecond * 1000);
  }

  /** OpenAI's headers. */
  synchronized Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("x-ratelimit-limit-requests", Long.toString(Math.round(perSecond * 60)));
    headers.put("x-ratelimit-remaining-requests", Long.toString((long) left));
    headers.put("x-ratelimit-reset-requests", (long) ((capacity - left) / perSecond * 1000) + "ms");
    return headers;
  }
}
