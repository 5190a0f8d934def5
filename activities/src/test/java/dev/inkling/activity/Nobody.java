package dev.inkling.activity;

import dev.inkling.language.LanguageModels;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/** Language models of an environment that has no key. */
final class Nobody {
  private Nobody() {}

  static LanguageModels models() {
    return new LanguageModels(Path.of("no-home"), Map.of(), Clock.systemUTC());
  }
}
