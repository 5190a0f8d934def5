package dev.inkling.model.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Optional;

/**
 * What a server said.
 *
 * @param body empty if a sink took it
 * @param from who said it, after all redirections
 */
record Answer(int status, HttpHeaders headers, byte[] body, URI from) {
  private static final ObjectMapper JSON = new ObjectMapper();

  boolean good() {
    return status >= 200 && status < 300;
  }

  String header(String name) {
    return headers.firstValue(name).orElse("");
  }

  String text() {
    return new String(body, UTF_8);
  }

  /**
   * The body as JSON.
   *
   * @throws PassingException if it is none: the page of a proxy, or a part of an answer
   */
  JsonNode json() throws PassingException {
    try {
      JsonNode json = JSON.readTree(body);
      if (json != null && json.isContainerNode()) {
        return json;
      }
    } catch (IOException e) {
      throw new PassingException(from.getHost() + " answered with something that is no JSON.", e);
    }
    throw new PassingException(from.getHost() + " answered with nothing.", Optional.empty());
  }
}
