package dev.inkling.provider;

import dev.inkling.provider.Wire.Request;
import dev.inkling.provider.Wire.Response;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A behaviour, and what is left of it. */
final class Conduct {
  private final Behaviour behaviour;
  private final ArrayDeque<Fault> next;
  private final Map<String, ArrayDeque<Fault>> on = new HashMap<>();
  private final @Nullable RateLimit rateLimit;

  Conduct(Behaviour behaviour) {
    this.behaviour = behaviour;
    next = new ArrayDeque<>(behaviour.next());
    behaviour.on().forEach((route, faults) -> on.put(route, new ArrayDeque<>(faults)));
    rateLimit =
        behaviour.requestsPerMinute() > 0 ? new RateLimit(behaviour.requestsPerMinute()) : null;
  }

  Behaviour behaviour() {
    return behaviour;
  }

  /** What happens to a question: the next of the list, or by chance. */
  Optional<Fault> fault(long number) {
    synchronized (next) {
      if (!next.isEmpty()) {
        return Optional.of(next.remove());
      }
    }
    return byChance(number);
  }

  /** What happens to another request: the next for its route, or by chance. */
  Optional<Fault> fault(String route, long number) {
    synchronized (on) {
      ArrayDeque<Fault> faults = on.get(route);
      if (faults != null && !faults.isEmpty()) {
        return Optional.of(faults.remove());
      }
    }
    return byChance(number);
  }

  private Optional<Fault> byChance(long number) {
    double draw = new SplittableRandom(number).split().nextDouble();
    for (Fault fault : Fault.values()) {
      draw -= behaviour.probability().getOrDefault(fault, 0.0);
      if (draw < 0) {
        return Optional.of(fault);
      }
    }
    return Optional.empty();
  }

  /** Whoever lacks the key or is too fast. */
  Optional<Response> turnedAway(Request request, Dialect dialect) {
    Optional<Response> badKey = Refusal.badKey(behaviour, request, dialect);
    if (badKey.isPresent()) {
      return badKey;
    }
    return rateLimit != null && !rateLimit.take()
        ? Optional.of(Refusal.tooMany(dialect, headers(), Refusal.millis(rateLimit.waitMs())))
        : Optional.empty();
  }

  Response refusal(Fault fault, Dialect dialect) {
    return Refusal.of(fault, dialect, behaviour.retryAfterMs(), headers());
  }

  Map<String, String> headers() {
    return rateLimit == null ? Map.of() : rateLimit.headers();
  }

  /**
   * A request that was not accepted.
   *
   * @return false if the connection is to end
   */
  boolean refuse(Wire wire, Fault fault, Dialect dialect) throws IOException {
    if (fault == Fault.RESET_BEFORE) {
      wire.reset();
      return false;
    }
    wire.write(refusal(fault, dialect));
    return true;
  }

  /**
   * The answer to a request that was accepted, or what the fault leaves of it.
   *
   * @return false if the connection is to end
   */
  boolean deliver(Wire wire, @Nullable Fault fault, Response answer, Dialect dialect)
      throws IOException, InterruptedException {
    Thread.sleep(behaviour.latencyMs());
    return switch (fault) {
      case RESET_AFTER -> {
        wire.reset();
        yield false;
      }
      case HALF -> {
        wire.writeHalf(answer);
        yield false;
      }
      case MALFORMED -> {
        wire.write(Response.json(200, headers(), "{\"choices\": [{\"mess"));
        yield true;
      }
      case ERROR_IN_200 -> {
        wire.write(
            Response.json(
                200, headers(), dialect.error(200, "upstream", "502", "The backend is away")));
        yield true;
      }
      case SLOW -> {
        Thread.sleep(behaviour.slowMs());
        wire.write(answer);
        yield true;
      }
      case null, default -> {
        wire.write(answer);
        yield true;
      }
    };
  }
}
