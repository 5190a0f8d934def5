package dev.inkling.starter;

import com.fasterxml.jackson.core.JacksonException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** What a connection that did not come about means for the person who configured it. */
final class ConnectionFailure {
  private ConnectionFailure() {}

  /** The message: what is wrong, and which setting says otherwise. */
  static String message(String address, Throwable failure) {
    StringBuilder all = new StringBuilder();
    boolean tls = false;
    for (Throwable t = failure; t != null; t = t.getCause()) {
      all.append(t.getMessage()).append('\n');
      tls |= t instanceof SSLException;
    }
    String text = all.toString().toLowerCase(Locale.ROOT);
    String service = "The Temporal service at " + address;
    if (text.contains("first received frame was not settings") && text.contains(": 1503")) {
      // 0x15 0x03: a TLS alert, where HTTP/2 should begin.
      return service
          + " speaks TLS, but none is configured: set TEMPORAL_TLS=true, or tls in the profile.";
    }
    if (!tls) {
      return text.contains("unauthenticated") || text.contains("permission_denied")
          ? service
              + " does not accept the credentials: check TEMPORAL_API_KEY and TEMPORAL_NAMESPACE."
          : service
              + " does not answer ("
              + brief(failure)
              + "). Check TEMPORAL_ADDRESS and its kin, or unset them to use the embedded server.";
    }
    String prefix = "TLS with the Temporal service at " + address + " failed: ";
    if (text.contains("not an ssl/tls record") || text.contains("wrong_version_number")) {
      return prefix + "it speaks none. Unset TEMPORAL_TLS…, or check TEMPORAL_ADDRESS.";
    }
    if (text.contains("pkix") || text.contains("certificate_verify_failed")) {
      return prefix
          + "its certificate was not signed by an authority that is trusted here."
          + " Set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the certificate of the one that signed it.";
    }
    if (text.contains("subject alternative") || text.contains("no name matching")) {
      return prefix
          + "its certificate is for another name. Set TEMPORAL_TLS_SERVER_NAME to the name in it,"
          + " or check TEMPORAL_ADDRESS.";
    }
    if (text.contains("alert")) {
      return prefix
          + "it refuses this client ("
          + brief(failure)
          + "). It may want a client certificate: set TEMPORAL_TLS_CLIENT_CERT_PATH and"
          + " TEMPORAL_TLS_CLIENT_KEY_PATH to one that its authority has signed.";
    }
    return prefix + brief(failure) + ". Check TEMPORAL_TLS… and the certificates they name.";
  }

  /**
   * The message for a configuration that cannot be used. A parser's own words are not repeated:
   * they quote the line, and with it a key.
   */
  static String configuration(Throwable failure) {
    String where =
        Optional.ofNullable(System.getenv("TEMPORAL_CONFIG_FILE"))
            .filter(file -> !file.isBlank())
            .map(file -> " (TEMPORAL_CONFIG_FILE is " + file + ")")
            .orElse("");
    Throwable inner = failure;
    while (inner.getCause() != null && !(inner instanceof JacksonException)) {
      inner = inner.getCause();
    }
    String why =
        switch (inner) {
          case JacksonException syntax when syntax.getLocation() != null ->
              "line " + syntax.getLocation().getLineNr() + " is not TOML";
          case JacksonException _ -> "it is not TOML";
          case NoSuchFileException missing -> "there is no file " + missing.getMessage();
          default -> brief(failure);
        };
    return "Temporal's configuration cannot be used"
        + where
        + ": "
        + why
        + ". Check TEMPORAL_PROFILE, TEMPORAL_TLS… and the files they name.";
  }

  /** The innermost reason in one line. */
  private static String brief(Throwable failure) {
    Throwable inner = failure;
    while (inner.getCause() != null && inner.getCause().getMessage() != null) {
      inner = inner.getCause();
    }
    return String.valueOf(inner.getMessage()).lines().findFirst().orElse("no reason given");
  }
}
