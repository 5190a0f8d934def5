package dev.inkling.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Where large files lie: it knows signed addresses, and no tokens. */
final class Storage {
  private static final String SIGNED = "?X-Signature=abc%2Fdef";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Shelf shelf;
  private final URI url;

  /** Parts of uploads, by their path. */
  private final Map<String, byte[]> parts = new ConcurrentHashMap<>();

  Storage(Shelf shelf, URI url) {
    this.shelf = shelf;
    this.url = url;
  }

  /** Where a file can be read for a while. */
  String address(String sha256) {
    return url + "/lfs/" + sha256 + SIGNED;
  }

  void answer(Exchange exchange) throws IOException {
    String[] path = exchange.path().split("/", -1);
    if (!exchange.header("Authorization").isEmpty()) {
      // As S3 does: two ways to sign are one too many.
      exchange.error(400, "", "Only one auth mechanism allowed");
    } else if (exchange.method().equals("PUT") && path[1].equals("upload")) {
      put(exchange, path[2]);
    } else if (exchange.method().equals("PUT")) {
      parts.put(exchange.path(), exchange.body());
      exchange.send(200, Map.of("ETag", Repository.hash("SHA-1", exchange.body())), new byte[0]);
    } else {
      Optional<byte[]> content = shelf.large(path[2]);
      if (content.isEmpty()) {
        exchange.error(404, "", "no such object");
      } else {
        exchange.file(content.get().clone(), Map.of("ETag", "\"" + path[2] + "\""));
      }
    }
  }

  private void put(Exchange exchange, String sha256) throws IOException {
    if (!Repository.hash("SHA-256", exchange.body()).equals(sha256)) {
      exchange.error(400, "", "these are other bytes");
      return;
    }
    shelf.upload(sha256, exchange.body());
    exchange.send(200, Map.of(), new byte[0]);
  }

  /** How a file is to be brought here. */
  ObjectNode upload(String sha256, long size, URI hub) {
    ObjectNode upload = JSON.createObjectNode();
    int chunk = shelf.parts().orElse(Integer.MAX_VALUE);
    if (size < chunk) {
      return upload.put("href", url + "/upload/" + sha256 + SIGNED);
    }
    ObjectNode header = upload.put("href", hub + "/api/complete/" + sha256).putObject("header");
    header.put("chunk_size", "" + chunk);
    for (int part = 1; (part - 1) * (long) chunk < size; part++) {
      header.put("" + part, url + "/part/" + sha256 + "/" + part + SIGNED);
    }
    return upload;
  }

  /** Puts the parts together; whether they are all there and right. */
  boolean complete(String sha256, JsonNode said) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    Map<Integer, String> etags = new TreeMap<>();
    said.path("parts")
        .forEach(p -> etags.put(p.path("partNumber").asInt(), p.path("etag").asText()));
    for (Map.Entry<Integer, String> part : etags.entrySet()) {
      byte[] bytes = parts.get("/part/" + sha256 + "/" + part.getKey());
      if (bytes == null || !Repository.hash("SHA-1", bytes).equals(part.getValue())) {
        return false;
      }
      whole.writeBytes(bytes);
    }
    boolean right = Repository.hash("SHA-256", whole.toByteArray()).equals(sha256);
    if (right) {
      shelf.upload(sha256, whole.toByteArray());
    }
    return right;
  }
}
