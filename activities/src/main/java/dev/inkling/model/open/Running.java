package dev.inkling.model.open;

import dev.inkling.tensor.Counter;
import dev.inkling.tensor.transformer.Decoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** An answer that is being drawn. */
final class Running {
  private final Request request;
  private final Order.Sample order;
  private final List<Decoder.Score> scores = new ArrayList<>();
  private int[] ids;
  private int length;
  private int state;
  private boolean stopped;

  Running(Request request, Order.Sample order) {
    this.request = request;
    this.order = order;
    this.ids = Arrays.copyOf(order.ids(), order.length());
    this.length = order.ids().length;
  }

  Request request() {
    return request;
  }

  int alternatives() {
    return order.alternatives();
  }

  /** How many tokens it may have still. */
  int left() {
    return order.length() - length;
  }

  /** What its slot holds for sure: everything but the last token. */
  int[] held() {
    return Arrays.copyOf(ids, length - 1);
  }

  /** Where it stands, with numbers for the next steps. */
  Decoder.Row row(int steps) {
    float[] uniforms = new float[steps];
    for (int s = 0; s < steps; s++) {
      uniforms[s] = uniform(order.key(), drawn() + s);
    }
    return new Decoder.Row(ids[length - 1], length - 1, order.choice(), state, uniforms);
  }

  /** The number as a float, cut and not rounded, so that it stays below 1. */
  private static float uniform(long key, int position) {
    return (float) (Math.floor(Counter.uniform(key, position) * 0x1.0p24) * 0x1.0p-24);
  }

  private int drawn() {
    return length - order.ids().length;
  }

  /** Takes tokens up to its end; whether it has ended. */
  boolean take(Decoder.Drawn drawn, Set<Integer> stops) {
    for (int s = 0; s < drawn.tokens().length && !ended(); s++) {
      int token = drawn.tokens()[s];
      stopped = stops.contains(token);
      if (!stopped) {
        ids[length++] = token;
        if (order.choice().table().isPresent()) {
          state = order.choice().table().get().next(state, token);
        }
        if (order.alternatives() > 0) {
          scores.add(drawn.scores().get(s));
        }
      }
    }
    return ended();
  }

  private boolean ended() {
    return stopped || left() == 0;
  }

  Order.Outcome outcome() {
    return new Order.Outcome(Arrays.copyOfRange(ids, order.ids().length, length), scores, stopped);
  }
}
