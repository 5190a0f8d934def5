package dev.inkling.model.open;

import dev.inkling.tensor.transformer.Decoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * How a sequence gets into its slot: what another one begins with is copied, the rest is read.
 *
 * @param source the slot that holds the same beginning, perhaps its own; -1 for none
 * @param common so many positions of it
 */
record Reading(Request request, int slot, int source, int common) {
  /**
   * Slots for requests, in two waves: first those that nobody before them helps, then those that
   * begin like one of the first. So what many have in common is read once.
   *
   * @param free slots in which nothing runs, as many as requests or more; the first are taken, or
   *     those that hold what is wanted
   */
  static List<List<Reading>> waves(List<Request> requests, Slots slots, List<Integer> free) {
    List<Reading> first = new ArrayList<>();
    List<Reading> second = new ArrayList<>();
    BitSet left = new BitSet();
    free.stream().limit(requests.size()).forEach(left::set);
    List<Request> alike = new ArrayList<>();
    List<Slots.Beginning> likeFirst = new ArrayList<>();
    List<Request> alone = new ArrayList<>();
    List<Slots.Beginning> known = new ArrayList<>();
    for (Request request : requests) {
      // What is known of a given answer is its probability to the last digit, and digits depend on
      // what is computed together: it is read by itself, from its first token on.
      boolean given = request.order() instanceof Order.Given;
      Slots.Beginning held = given ? Slots.Beginning.NOWHERE : slots.find(request.order());
      Slots.Beginning earlier = given ? Slots.Beginning.NOWHERE : among(alone, request.order());
      if (earlier.common() > held.common()) {
        alike.add(request);
        likeFirst.add(earlier);
      } else {
        alone.add(request);
        known.add(held);
      }
    }
    int[] chosen = choose(known, left);
    for (int i = 0; i < chosen.length; i++) {
      Slots.Beginning held = known.get(i);
      first.add(new Reading(alone.get(i), chosen[i], held.slot(), held.common()));
    }
    for (int i = 0; i < alike.size(); i++) {
      int slot = left.nextSetBit(0);
      left.clear(slot);
      Slots.Beginning earlier = likeFirst.get(i);
      second.add(new Reading(alike.get(i), slot, chosen[earlier.slot()], earlier.common()));
    }
    return List.of(first, second);
  }

  /** The best beginning among requests; their numbers stand for slots. */
  private static Slots.Beginning among(List<Request> requests, Order order) {
    Slots.Beginning best = Slots.Beginning.NOWHERE;
    for (int i = 0; i < requests.size(); i++) {
      int[] ids = requests.get(i).order().ids();
      int common = Slots.common(ids, ids.length - 1, order);
      if (common > best.common()) {
        best = new Slots.Beginning(i, common);
      }
    }
    return best;
  }

  /**
   * A sequence stays where it is if nothing runs there; the others take the slots that are left.
   */
  private static int[] choose(List<Slots.Beginning> known, BitSet left) {
    int[] chosen = new int[known.size()];
    Arrays.fill(chosen, -1);
    for (int i = 0; i < chosen.length; i++) {
      int slot = known.get(i).slot();
      if (slot >= 0 && left.get(slot)) {
        left.clear(slot);
        chosen[i] = slot;
      }
    }
    for (int i = 0; i < chosen.length; i++) {
      if (chosen[i] < 0) {
        chosen[i] = left.nextSetBit(0);
        left.clear(chosen[i]);
      }
    }
    return chosen;
  }

  /** What is read of an order: all but the last token. */
  static int[] read(Order order) {
    return Arrays.copyOf(order.ids(), order.ids().length - 1);
  }

  /** Whether the answer is given, and nothing is drawn. */
  boolean given() {
    return request.order() instanceof Order.Given;
  }

  /** Whether keys and values come from another slot. */
  boolean copies() {
    return common > 0 && source != slot;
  }

  /** How many tokens are not known from elsewhere. */
  int unread() {
    return request.order().ids().length - 1 - common;
  }

  /** These tokens. */
  Decoder.Span span() {
    int[] ids = request.order().ids();
    int[] targets = request.order() instanceof Order.Given given ? given.scored() : new int[0];
    return new Decoder.Span(slot, common, Arrays.copyOfRange(ids, common, ids.length - 1), targets);
  }
}
