package dev.inkling.provision;

import dev.inkling.provision.ProvisionException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Certificates and keys for the Temporal service travel as texts, in the environment: their files
 * are not on the machines.
 */
public final class Certificates {
  private static final String FILE = "_PATH";
  private static final String TEXT = "_DATA";

  /** Temporal's own names, which end in one or the other. */
  private static final List<String> NAMES =
      List.of("TEMPORAL_TLS_CLIENT_CERT", "TEMPORAL_TLS_CLIENT_KEY", "TEMPORAL_TLS_SERVER_CA_CERT");

  private Certificates() {}

  /**
   * The environment with texts in place of files. They are read each time, since short-lived
   * certificates are renewed while a worker runs.
   *
   * @throws ProvisionException if a file cannot be read
   */
  public static Map<String, String> inPlaceOfFiles(Map<String, String> environment)
      throws ProvisionException {
    Map<String, String> texts = new TreeMap<>(environment);
    for (String name : NAMES) {
      String file = texts.remove(name + FILE);
      if (file != null && !file.isEmpty()) {
        // The SDK too prefers the file where both are set.
        texts.put(name + TEXT, text(name + FILE, file));
      }
    }
    return texts;
  }

  private static String text(String name, String file) throws ProvisionException {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new ProvisionException(
          Reason.BAD_REQUEST,
          "%s names %s, which cannot be read (%s): without it the machine could not call the Temporal service. Nothing was launched. Mend the file or its permissions, and run the same command again."
              .formatted(name, file, e.getClass().getSimpleName().replace("Exception", "")));
    }
  }
}
