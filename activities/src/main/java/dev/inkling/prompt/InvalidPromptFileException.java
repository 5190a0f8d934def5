package dev.inkling.prompt;

import dev.inkling.spec.Problem;
import java.nio.file.Path;

/** A file that prompts cannot be read from; the message names the file and the line. */
public final class InvalidPromptFileException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** What is wrong with the whole file. */
  InvalidPromptFileException(Path file, String message) {
    super(new Problem(file.toString(), message).toString());
  }

  /** What is wrong with a line, counted from 1. */
  InvalidPromptFileException(Path file, long line, String message) {
    super(new Problem(file + ", line " + line, message).toString());
  }
}
