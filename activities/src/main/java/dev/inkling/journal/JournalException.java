package dev.inkling.journal;

import java.io.IOException;

/** A journal is damaged where only a failing disk or a hand can have damaged it. */
public final class JournalException extends IOException {
  private static final long serialVersionUID = 1;

  JournalException(String message) {
    super(message);
  }
}
