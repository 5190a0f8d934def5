package dev.inkling.starter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A test at a terminal: each has an empty home, and what it typed ends with it. */
@Timeout(900)
abstract class AtATerminal {
  @TempDir Path directory;
  Terminal terminal;

  @BeforeEach
  void openTerminal() throws IOException {
    terminal = new Terminal(directory.resolve("home"));
  }

  @AfterEach
  void closeTerminal() throws IOException {
    terminal.close();
  }

  /** The file of a spec, as one types it. */
  String file(String spec) throws IOException {
    return Files.writeString(directory.resolve("spec.yaml"), spec).toString();
  }
}
