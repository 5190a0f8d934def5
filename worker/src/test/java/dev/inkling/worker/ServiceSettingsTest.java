package dev.inkling.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What leads to the Temporal service from here leads there from elsewhere. */
class ServiceSettingsTest {
  @TempDir Path folder;

  private Map<String, String> profile(String... lines) throws Exception {
    Path file = Files.writeString(folder.resolve("temporal.toml"), String.join("\n", lines));
    return Map.of("TEMPORAL_CONFIG_FILE", file.toString(), "TEMPORAL_PROFILE", "hosted");
  }

  @Test
  void aProfileBecomesVariables() throws Exception {
    Map<String, String> environment =
        profile(
            "[profile.hosted]",
            "address = \"temporal.example:7233\"",
            "namespace = \"owls\"",
            "api_key = \"a-secret\"",
            "[profile.hosted.tls]",
            "client_cert_path = \"/certificates/client.pem\"",
            "client_key_data = \"one\\ntwo\"",
            "server_name = \"inner.example\"",
            "disable_host_verification = true",
            "[profile.hosted.grpc_meta]",
            "x-cell = \"7\"");

    assertThat(ServiceSettings.asVariables(environment))
        .containsOnly(
            Map.entry("TEMPORAL_ADDRESS", "temporal.example:7233"),
            Map.entry("TEMPORAL_NAMESPACE", "owls"),
            Map.entry("TEMPORAL_API_KEY", "a-secret"),
            Map.entry("TEMPORAL_TLS", "true"),
            Map.entry("TEMPORAL_TLS_CLIENT_CERT_PATH", "/certificates/client.pem"),
            Map.entry("TEMPORAL_TLS_CLIENT_KEY_DATA", "one\ntwo"),
            Map.entry("TEMPORAL_TLS_SERVER_NAME", "inner.example"),
            Map.entry("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", "true"),
            Map.entry("TEMPORAL_GRPC_META_X_CELL", "7"));
  }

  @Test
  void variablesGoBeforeTheProfileAndAllElseStays() throws Exception {
    Map<String, String> environment =
        new HashMap<>(profile("[profile.hosted]", "address = \"temporal.example:7233\""));
    environment.put("TEMPORAL_ADDRESS", "other.example:7233");
    environment.put("INKLING_STORE", "s3://owls");

    assertThat(ServiceSettings.asVariables(environment))
        .containsOnly(
            Map.entry("TEMPORAL_ADDRESS", "other.example:7233"),
            Map.entry("INKLING_STORE", "s3://owls"));
  }

  @Test
  void withoutAProfileVariablesStayAsTheyAre() {
    Map<String, String> environment =
        Map.of(
            "TEMPORAL_CONFIG_FILE", folder + "/missing.toml",
            "TEMPORAL_ADDRESS", "temporal.example:7233",
            "TEMPORAL_TLS", "false");

    assertThat(ServiceSettings.asVariables(environment))
        .containsOnly(
            Map.entry("TEMPORAL_ADDRESS", "temporal.example:7233"),
            Map.entry("TEMPORAL_TLS", "false"));
  }

  @Test
  void aProfileThatNamesNoServiceOrCannotBeReadIsLeftOut() throws Exception {
    Map<String, String> nameless =
        new HashMap<>(profile("[profile.hosted]", "namespace = \"owls\""));
    nameless.put("TEMPORAL_TLS", "false");
    assertThat(ServiceSettings.asVariables(nameless))
        .containsOnly(Map.entry("TEMPORAL_TLS", "false"));
    assertThat(ServiceSettings.asVariables(profile("[profile.hosted"))).isEmpty();
  }
}
