package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A Temporal service behind TLS that wants a client certificate, and what people mistype. */
class TlsTest extends AtATerminal {
  @Test
  void variablesAndProfilesLeadThroughTlsAndMistakesAreNamed() throws Exception {
    Certificates certificates = new Certificates(directory.resolve("ours"));
    Certificates strangers = new Certificates(directory.resolve("strangers"));
    String certificate = certificates.signed("client").toString();
    String key = certificates.key("client").toString();
    terminal.type("server").awaitText("Temporal UI");
    int plain = Integer.parseInt(terminal.serverAddress().replaceAll(".*:", ""));
    try (Terminal user = new Terminal(directory.resolve("user"));
        TlsFront front = new TlsFront(certificates.server("server"), plain)) {
      Map<String, String> right =
          Map.of(
              "TEMPORAL_ADDRESS",
              front.address(),
              "TEMPORAL_TLS",
              "true",
              "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
              certificates.authority().toString(),
              "TEMPORAL_TLS_CLIENT_CERT_PATH",
              certificate,
              "TEMPORAL_TLS_CLIENT_KEY_PATH",
              key);
      // A worker and a client over TLS, from the first stage to the report.
      assertThat(user.type(right, "run", "promptmlp", "--set", "seeds=[1]").mustSucceed())
          .contains("Done: ", "Report: ");
      assertThat(
              user.type(right, "run", "promptmlp", "--set", "seeds=[2]", "--detach").mustSucceed())
          .contains("Started.");

      Path profile =
          Files.writeString(
              directory.resolve("temporal.toml"),
              """
              [profile.hosted]
              address = "%s"
              [profile.hosted.tls]
              server_ca_cert_path = "%s"
              client_cert_path = "%s"
              client_key_path = "%s"
              """
                  .formatted(front.address(), certificates.authority(), certificate, key));
      Map<String, String> byProfile =
          Map.of("TEMPORAL_CONFIG_FILE", profile.toString(), "TEMPORAL_PROFILE", "hosted");
      assertThat(user.type(byProfile, "status").mustSucceed())
          .contains("promptmlp-", "completed", "waiting");

      Terminal.Command wrongAuthority =
          user.type(
              with(right, "TEMPORAL_TLS_SERVER_CA_CERT_PATH", strangers.authority().toString()),
              "status");
      Terminal.Command noCertificate =
          user.type(
              with(
                  with(right, "TEMPORAL_TLS_CLIENT_CERT_PATH", null),
                  "TEMPORAL_TLS_CLIENT_KEY_PATH",
                  null),
              "status");
      Terminal.Command noTls = user.type(Map.of("TEMPORAL_ADDRESS", front.address()), "status");
      Terminal.Command needlessTls =
          user.type(with(right, "TEMPORAL_ADDRESS", terminal.serverAddress()), "status");
      Terminal.Command noFile =
          user.type(with(right, "TEMPORAL_TLS_CLIENT_KEY_PATH", "/nowhere/client.key"), "status");
      fails(wrongAuthority, "TLS", "TEMPORAL_TLS_SERVER_CA_CERT_PATH");
      fails(noCertificate, "TLS", "TEMPORAL_TLS_CLIENT_CERT_PATH");
      fails(noTls, "TLS", "TEMPORAL_TLS=true");
      fails(needlessTls, "TLS", "speaks none");
      fails(noFile, "/nowhere/client.key");
    }
  }

  private static void fails(Terminal.Command command, String... words) throws Exception {
    assertThat(command.exitCode()).as(command.text()).isEqualTo(1);
    assertThat(command.text()).contains(words).doesNotContain("\tat ", "Exception");
  }

  private static Map<String, String> with(
      Map<String, String> old, String name, @Nullable String value) {
    Map<String, String> changed = new HashMap<>(old);
    if (value == null) {
      changed.remove(name);
    } else {
      changed.put(name, value);
    }
    return changed;
  }
}
