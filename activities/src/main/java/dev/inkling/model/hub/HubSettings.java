package dev.inkling.model.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Where the Hub is, where its files go, and who asks; by the variables that its other clients use.
 *
 * @param endpoint without a slash at its end
 * @param cache the directory of {@code models--owner--name}
 * @param token sent to the endpoint's host and nowhere else
 * @param offline whether nothing may be asked
 */
public record HubSettings(URI endpoint, Path cache, Optional<String> token, boolean offline) {
  private static final String HUB = "https://huggingface.co";
  private static final Set<String> YES = Set.of("1", "on", "yes", "true");

  /**
   * As the settings say: HF_ENDPOINT; HF_HUB_CACHE, HF_HOME or XDG_CACHE_HOME; HF_TOKEN,
   * HF_TOKEN_PATH or the file {@code token} in HF_HOME; HF_HUB_OFFLINE.
   *
   * @param setting the value of a variable, empty if it is not set
   * @throws IllegalArgumentException if HF_ENDPOINT is no address
   * @throws IOException if the token's file cannot be read
   */
  public static HubSettings of(Function<String, Optional<String>> setting) throws IOException {
    Path home =
        setting
            .apply("HF_HOME")
            .map(HubSettings::path)
            .orElseGet(
                () ->
                    setting
                        .apply("XDG_CACHE_HOME")
                        .map(HubSettings::path)
                        .orElseGet(() -> path("~/.cache"))
                        .resolve("huggingface"));
    Path cache =
        setting
            .apply("HF_HUB_CACHE")
            .or(() -> setting.apply("HUGGINGFACE_HUB_CACHE"))
            .map(HubSettings::path)
            .orElse(home.resolve("hub"));
    return new HubSettings(
        endpoint(setting.apply("HF_ENDPOINT").orElse(HUB)),
        cache.toAbsolutePath().normalize(),
        token(setting, home),
        yes(setting, "HF_HUB_OFFLINE") || yes(setting, "TRANSFORMERS_OFFLINE"));
  }

  private static Path path(String text) {
    return text.equals("~") || text.startsWith("~/")
        ? Path.of(System.getProperty("user.home") + text.substring(1))
        : Path.of(text);
  }

  private static boolean yes(Function<String, Optional<String>> setting, String name) {
    return setting.apply(name).map(v -> YES.contains(v.toLowerCase(Locale.ROOT))).orElse(false);
  }

  private static URI endpoint(String text) {
    try {
      URI uri = new URI(text.replaceAll("/+$", ""));
      if (("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getQuery() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Said below; the value is not shown, since it may hold a password.
    }
    throw new IllegalArgumentException(
        "HF_ENDPOINT is not an address like " + HUB + " (without user and password)");
  }

  private static Optional<String> token(Function<String, Optional<String>> setting, Path home)
      throws IOException {
    Optional<String> token =
        setting.apply("HF_TOKEN").or(() -> setting.apply("HUGGING_FACE_HUB_TOKEN"));
    Path file = setting.apply("HF_TOKEN_PATH").map(HubSettings::path).orElse(home.resolve("token"));
    if (token.isEmpty() && Files.isRegularFile(file)) {
      token = Optional.of(Files.readString(file));
    }
    Optional<String> clean =
        token.map(t -> t.replaceAll("[\\r\\n]", "").strip()).filter(t -> !t.isEmpty());
    if (clean.isPresent() && !clean.get().matches("[!-~]+")) {
      throw new IllegalArgumentException(
          "The token in HF_TOKEN, or in "
              + file
              + ", has signs that no token has. Copy it again from "
              + HUB
              + "/settings/tokens");
    }
    return clean;
  }

  /** Whether a request goes to the endpoint itself: the only place that may see the token. */
  boolean own(URI uri) {
    return endpoint.getScheme().equalsIgnoreCase(uri.getScheme())
        && endpoint.getHost().equalsIgnoreCase(uri.getHost())
        && port(endpoint) == port(uri);
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
  }

  /** An address at the endpoint. */
  URI at(String path) {
    return URI.create(endpoint + path);
  }

  /** A text of the server's, short and without the token. */
  String scrub(String text) {
    String scrubbed = token.map(t -> text.replace(t, "[token]")).orElse(text);
    String line = scrubbed.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= 500 ? line : line.substring(0, 500) + "…";
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "HubSettings["
        + endpoint
        + ", "
        + cache
        + (token.isPresent() ? ", with a token" : ", without a token")
        + (offline ? ", offline]" : "]");
  }
}
