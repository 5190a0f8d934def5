package dev.inkling.ask;

import dev.inkling.model.Question;

/** A question under way, from its first request to its answer. */
final class Pending {
  final long index;
  final Question question;
  final long since;

  /** How often it failed, as far as that counts. */
  int failures;

  /** When it is to be tried again. */
  long due;

  /** When its last request was sent, and which it was, in the order of sending. */
  long sentAt;

  long number;

  /** The tokens its last request was thought to cost, and all sent up to it, itself included. */
  double estimate;

  double tokensSent;

  /** Whether its last request was to find out if the provider is back. */
  boolean probe;

  Pending(Asked asked, long now) {
    this.index = asked.index();
    this.question = asked.question();
    this.since = now;
    this.due = now;
  }
}
