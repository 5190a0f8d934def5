package dev.inkling.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.provision.ProvisionException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of certificates become texts; all else stays as it is. */
class CertificatesTest {
  @TempDir Path folder;

  @Test
  void eachFileBecomesItsText() throws Exception {
    Path authority = Files.writeString(folder.resolve("ca.pem"), "ca\n");
    Path certificate = Files.writeString(folder.resolve("client.pem"), "one\ntwo\n");
    Path key = Files.writeString(folder.resolve("client.key"), "key\n");

    assertThat(
            Certificates.inPlaceOfFiles(
                Map.of(
                    "TEMPORAL_TLS", "true",
                    "TEMPORAL_TLS_SERVER_CA_CERT_PATH", authority.toString(),
                    "TEMPORAL_TLS_CLIENT_CERT_PATH", certificate.toString(),
                    "TEMPORAL_TLS_CLIENT_KEY_PATH", key.toString(),
                    "AWS_REGION", "eu-central-1")))
        .containsOnly(
            Map.entry("TEMPORAL_TLS", "true"),
            Map.entry("TEMPORAL_TLS_SERVER_CA_CERT_DATA", "ca\n"),
            Map.entry("TEMPORAL_TLS_CLIENT_CERT_DATA", "one\ntwo\n"),
            Map.entry("TEMPORAL_TLS_CLIENT_KEY_DATA", "key\n"),
            Map.entry("AWS_REGION", "eu-central-1"));
  }

  @Test
  void textsStayAndAnEmptyPathIsNone() throws Exception {
    assertThat(
            Certificates.inPlaceOfFiles(
                Map.of("TEMPORAL_TLS_CLIENT_KEY_DATA", "key", "TEMPORAL_TLS_CLIENT_CERT_PATH", "")))
        .containsOnly(Map.entry("TEMPORAL_TLS_CLIENT_KEY_DATA", "key"));
  }

  @Test
  void aFileThatCannotBeReadIsNamedWithItsVariable() {
    assertThatThrownBy(
            () ->
                Certificates.inPlaceOfFiles(
                    Map.of("TEMPORAL_TLS_CLIENT_CERT_PATH", folder + "/nowhere.pem")))
        .isInstanceOfSatisfying(
            ProvisionException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_REQUEST))
        .hasMessageContaining("TEMPORAL_TLS_CLIENT_CERT_PATH names " + folder + "/nowhere.pem")
        .hasMessageContaining("cannot be read (NoSuchFile)");
  }
}
