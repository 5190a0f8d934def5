package dev.inkling.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A request that can be sent several times.
 *
 * @param headers besides the token, which {@link HubHttp} adds where it may go
 * @param sink what takes the body of a good answer; without one the answer holds it
 */
record Order(
    String method, URI uri, Map<String, String> headers, BodyPublisher body, Optional<Sink> sink) {
  Order {
    headers = Map.copyOf(headers);
  }

  static Order get(URI uri) {
    return new Order("GET", uri, Map.of(), BodyPublishers.noBody(), Optional.empty());
  }

  /** A file, of which a part may be there already. */
  static Order get(URI uri, Sink sink) {
    return new Order("GET", uri, Map.of(), BodyPublishers.noBody(), Optional.of(sink));
  }

  static Order post(URI uri, JsonNode body) {
    return post(uri, "application/json", body.toString());
  }

  static Order post(URI uri, String type, String body) {
    return new Order(
        "POST", uri, Map.of("Content-Type", type), BodyPublishers.ofString(body), Optional.empty());
  }

  static Order put(URI uri, BodyPublisher body) {
    return new Order("PUT", uri, Map.of(), body, Optional.empty());
  }

  /** The same with one more header. */
  Order with(String name, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(name, value);
    return new Order(method, uri, more, body, sink);
  }

  /** The same sent elsewhere. */
  Order to(URI elsewhere) {
    return new Order(method, elsewhere, headers, body, sink);
  }
}
