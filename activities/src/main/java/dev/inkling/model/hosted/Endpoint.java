package dev.inkling.model.hosted;

import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.spec.HostedModel;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * A server that answers for some models, with the key for it.
 *
 * @param name what people call it: the endpoint of the spec, or the provider
 * @param baseUrl what every path is put after; for OpenAI's interface it ends with {@code /v1}
 * @param key empty for a server on this machine that asks for none
 */
record Endpoint(HostedModel.Provider provider, String name, URI baseUrl, Optional<String> key) {
  private static final String OPENAI = "https://api.openai.com/v1";
  private static final String ANTHROPIC = "https://api.anthropic.com";

  /**
   * Whose key and which address a model needs.
   *
   * @throws ModelException if one of them is missing, with the name of the variable to set
   */
  static Endpoint of(HostedModel model, Credentials credentials) throws ModelException {
    String prefix = prefix(model.server());
    Optional<String> address = address(model, credentials);
    URI url =
        address.isPresent() ? url(prefix + "_BASE_URL", address.get()) : ownServer(model, prefix);
    Optional<String> key = credentials.get(prefix + "_API_KEY");
    if (key.isEmpty() && !loopback(url)) {
      throw missing(prefix + "_API_KEY", "there is no key for " + model.server());
    }
    return new Endpoint(model.provider(), model.server(), url, key);
  }

  /** What the environment says of where a model is asked. */
  static Optional<String> address(HostedModel model, Credentials credentials) {
    return credentials.get(prefix(model.server()) + "_BASE_URL");
  }

  private static URI ownServer(HostedModel model, String prefix) throws ModelException {
    if (model.endpoint().isPresent()) {
      throw missing(prefix + "_BASE_URL", "nothing says where " + model.server() + " is");
    }
    return URI.create(
        switch (model.provider()) {
          case OPENAI -> OPENAI;
          case ANTHROPIC -> ANTHROPIC;
        });
  }

  private static ModelException missing(String variable, String what) {
    return new ModelException(
        Reason.MISSING_CREDENTIAL,
        what + ": set " + variable + " in the environment of the worker, or in INKLING_HOME/.env");
  }

  private static URI url(String variable, String value) throws ModelException {
    try {
      URI url = new URI(value.endsWith("/") ? value.substring(0, value.length() - 1) : value);
      if (("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
          && url.getHost() != null
          && url.getUserInfo() == null) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Said below; the value is not shown, since it may hold a password.
    }
    throw new ModelException(
        Reason.MISSING_CREDENTIAL,
        variable + " is not an address like http://localhost:8000/v1 (without user and password)");
  }

  private static boolean loopback(URI url) {
    String host = url.getHost();
    return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}");
  }

  /** Whether it is OpenAI's own server, which has newer fields than those who speak like it. */
  boolean openAi() {
    return baseUrl.getHost().equals("openai.com") || baseUrl.getHost().endsWith(".openai.com");
  }

  /** The variable that holds its key. */
  String keyVariable() {
    return prefix(name) + "_API_KEY";
  }

  /** The variable that holds its address. */
  String urlVariable() {
    return prefix(name) + "_BASE_URL";
  }

  private static String prefix(String name) {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** Without the key. */
  @Override
  public String toString() {
    return name + " at " + baseUrl.getHost();
  }
}
