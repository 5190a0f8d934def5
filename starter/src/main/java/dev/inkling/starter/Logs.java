package dev.inkling.starter;

import java.util.List;
import java.util.Map;

/**
 * How the log looks and how much it says. Decided before the first line is logged, since the log
 * reads its configuration once.
 */
final class Logs {
  static final String FORM = "INKLING_LOG";

  private Logs() {}

  /**
   * Sets what logback.xml reads.
   *
   * @throws UserException if INKLING_LOG is neither text nor json
   */
  static void configure(List<String> arguments, Map<String, String> environment)
      throws UserException {
    String form = environment.getOrDefault(FORM, "");
    if (!form.isEmpty() && !form.equals("text") && !form.equals("json")) {
      throw new UserException(
          Main.BAD_INPUT, FORM + " is '" + form + "', but must be text or json");
    }
    System.setProperty("inkling.log", form.isEmpty() ? "text" : form);
    // A run shows its stages by itself; a worker has nobody who looks but the log's reader.
    boolean asked = form.equals("json") || arguments.contains("worker");
    System.setProperty("inkling.level", asked ? "INFO" : "WARN");
  }
}
