package dev.inkling.tracking;

import java.util.Locale;

/** How far an experiment is, as far as the store can tell. */
enum State {
  /** There is a report. */
  DONE,
  /** There is none: it runs, waits, was stopped or has failed; Temporal knows which. */
  UNFINISHED;

  /** As the table and people have it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
