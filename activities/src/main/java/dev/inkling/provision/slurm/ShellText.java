package dev.inkling.provision.slurm;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Text that bash reads back as it was. */
final class ShellText {
  private static final String PLAIN = "[A-Za-z0-9_@%+=:,./-]+";
  private static final String NAME = "[A-Za-z_][A-Za-z0-9_]*";

  private ShellText() {}

  /** One word, in quotes if it needs them. */
  static String word(String text) {
    return text.matches(PLAIN) ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  /** Words of a command. */
  static String words(List<String> texts) {
    return texts.stream().map(ShellText::word).collect(Collectors.joining(" "));
  }

  /** Lines that export variables; what bash could not export is left out. */
  static String exports(Map<String, String> environment) {
    SortedMap<String, String> sorted = new TreeMap<>(environment);
    return sorted.entrySet().stream()
        .filter(variable -> variable.getKey().matches(NAME))
        .map(variable -> "export " + variable.getKey() + "=" + word(variable.getValue()) + "\n")
        .collect(Collectors.joining());
  }
}
