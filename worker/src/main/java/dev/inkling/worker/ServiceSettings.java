package dev.inkling.worker;

import io.grpc.Metadata;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.envconfig.ClientConfigTLS;
import io.temporal.envconfig.LoadClientConfigProfileOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the Temporal service is reached, as variables wherever it was said: a profile's file is not
 * on the machines that are made for an experiment, and a worker that is told of a profile without
 * one does not start.
 */
final class ServiceSettings {
  private static final String META = "TEMPORAL_GRPC_META_";
  private static final String TLS = "TEMPORAL_TLS";

  private ServiceSettings() {}

  /** The environment with the settings of the profile that it names, or of the default one. */
  static Map<String, String> asVariables(Map<String, String> environment) {
    Map<String, String> variables = new TreeMap<>(environment);
    variables.remove("TEMPORAL_CONFIG_FILE");
    variables.remove("TEMPORAL_PROFILE");
    profile(environment)
        .ifPresent(
            profile -> {
              variables.keySet().removeIf(name -> name.startsWith(TLS) || name.startsWith(META));
              put(variables, "TEMPORAL_ADDRESS", profile.getAddress());
              put(variables, "TEMPORAL_NAMESPACE", profile.getNamespace());
              put(variables, "TEMPORAL_API_KEY", profile.getApiKey());
              tls(variables, profile.getTls());
              metadata(variables, profile.getMetadata());
            });
    return variables;
  }

  /** None if it names no service, or cannot be read: whoever connects by it has been told. */
  private static Optional<ClientConfigProfile> profile(Map<String, String> environment) {
    try {
      ClientConfigProfile profile =
          ClientConfigProfile.load(
              LoadClientConfigProfileOptions.newBuilder().setEnvOverrides(environment).build());
      String address = profile.getAddress();
      return address == null || address.isBlank() ? Optional.empty() : Optional.of(profile);
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private static void tls(Map<String, String> variables, @Nullable ClientConfigTLS tls) {
    if (tls == null) {
      return;
    }
    put(variables, TLS, Boolean.toString(!Boolean.TRUE.equals(tls.isDisabled())));
    put(variables, TLS + "_CLIENT_CERT_PATH", tls.getClientCertPath());
    put(variables, TLS + "_CLIENT_CERT_DATA", text(tls.getClientCertData()));
    put(variables, TLS + "_CLIENT_KEY_PATH", tls.getClientKeyPath());
    put(variables, TLS + "_CLIENT_KEY_DATA", text(tls.getClientKeyData()));
    put(variables, TLS + "_SERVER_CA_CERT_PATH", tls.getServerCACertPath());
    put(variables, TLS + "_SERVER_CA_CERT_DATA", text(tls.getServerCACertData()));
    put(variables, TLS + "_SERVER_NAME", tls.getServerName());
    if (Boolean.TRUE.equals(tls.isDisableHostVerification())) {
      put(variables, TLS + "_DISABLE_HOST_VERIFICATION", "true");
    }
  }

  private static void metadata(Map<String, String> variables, @Nullable Metadata metadata) {
    if (metadata == null) {
      return;
    }
    for (String key : metadata.keys()) {
      String value = metadata.get(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER));
      put(variables, META + key.toUpperCase(Locale.ROOT).replace('-', '_'), value);
    }
  }

  private static @Nullable String text(byte @Nullable [] data) {
    return data == null ? null : new String(data, StandardCharsets.UTF_8);
  }

  private static void put(Map<String, String> variables, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      variables.put(name, value);
    }
  }
}
