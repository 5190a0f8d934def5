package dev.inkling.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.model.hub.HubException.Reason;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Brings large files into the Hub's storage, by the batch interface of Git LFS and, for very large
 * ones, its extension for parts. What is there already is not sent. A file that no commit names
 * does no harm.
 */
record LargeFiles(HubSettings settings, HubHttp http, ModelId.OnHub id, Meter meter) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LFS = "application/vnd.git-lfs+json";

  /** Uploads what is not there. */
  void upload(List<Upload> files) throws HubException, IOException, InterruptedException {
    if (files.isEmpty()) {
      return;
    }
    Map<String, Upload> byHash = new HashMap<>();
    files.forEach(f -> byHash.put(f.sha256(), f));
    for (JsonNode object : batch(files).path("objects")) {
      Upload file = byHash.get(object.path("oid").asText());
      if (object.has("error") || file == null) {
        throw new HubException(
            Reason.REFUSED,
            "The Hub does not take a file of "
                + id.repository()
                + ": "
                + settings.scrub(object.path("error").path("message").asText())
                + ". Nothing was committed.");
      }
      JsonNode actions = object.path("actions");
      if (actions.has("upload")) {
        meter.expect(file.size());
        send(file, actions.path("upload"));
        verify(file, actions.path("verify"));
      }
    }
  }

  private JsonNode batch(List<Upload> files) throws HubException, InterruptedException {
    ObjectNode question = JSON.createObjectNode().put("operation", "upload");
    question.putArray("transfers").add("basic").add("multipart");
    question.put("hash_algo", "sha256");
    question.putObject("ref").put("name", id.revision());
    ArrayNode objects = question.putArray("objects");
    files.forEach(f -> objects.addObject().put("oid", f.sha256()).put("size", f.size()));
    URI address = settings.at("/" + id.repository() + ".git/info/lfs/objects/batch");
    return http.ask(
        Order.post(address, LFS, question.toString()).with("Accept", LFS),
        meter,
        answer -> new Refusals(settings).good(answer, id).json());
  }

  private void send(Upload file, JsonNode action) throws HubException, InterruptedException {
    JsonNode header = action.path("header");
    URI target = address(action.path("href").asText());
    if (!header.has("chunk_size")) {
      put(file, target, 0, file.size());
      return;
    }
    long chunk = header.path("chunk_size").asLong();
    TreeMap<Integer, URI> parts = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : header.properties()) {
      if (entry.getKey().matches("\\d{1,6}")) {
        parts.put(Integer.valueOf(entry.getKey()), address(entry.getValue().asText()));
      }
    }
    if (chunk <= 0 || parts.size() != (file.size() + chunk - 1) / chunk) {
      throw new HubException(
          Reason.REFUSED,
          "The Hub wants " + file.path() + " in parts that do not make it up. Try again later.");
    }
    ObjectNode complete = JSON.createObjectNode().put("oid", file.sha256());
    ArrayNode sent = complete.putArray("parts");
    long offset = 0;
    for (Map.Entry<Integer, URI> part : parts.entrySet()) {
      Answer answer = put(file, part.getValue(), offset, Math.min(chunk, file.size() - offset));
      sent.addObject().put("partNumber", part.getKey()).put("etag", answer.header("etag"));
      offset += chunk;
    }
    http.ask(
        Order.post(target, LFS, complete.toString()).with("Accept", LFS),
        meter,
        answer -> accepted(file, answer));
  }

  private Answer put(Upload file, URI target, long offset, long length)
      throws HubException, InterruptedException {
    return http.ask(
        Order.put(target, new Piece(file.content(), offset, length, meter).publisher()),
        meter,
        answer -> accepted(file, answer));
  }

  private void verify(Upload file, JsonNode action) throws HubException, InterruptedException {
    if (action.has("href")) {
      ObjectNode claim = JSON.createObjectNode().put("oid", file.sha256()).put("size", file.size());
      http.ask(
          Order.post(address(action.path("href").asText()), claim),
          meter,
          answer -> accepted(file, answer));
    }
  }

  private Answer accepted(Upload file, Answer answer) throws HubException {
    if (!answer.good()) {
      throw new HubException(
          Reason.REFUSED,
          "The Hub's storage does not take "
              + file.path()
              + " ("
              + answer.status()
              + ": "
              + settings.scrub(answer.text())
              + "). Nothing was committed. Was it changed meanwhile? Try again.");
    }
    return answer;
  }

  /** Where the Hub wants something; in the open only if the Hub itself is. */
  private URI address(String text) throws HubException {
    Optional<URI> address;
    try {
      address = Optional.of(settings.endpoint().resolve(text));
    } catch (IllegalArgumentException e) {
      address = Optional.empty();
    }
    return address
        .filter(a -> a.getHost() != null)
        .filter(
            a -> "https".equals(a.getScheme()) || "http".equals(settings.endpoint().getScheme()))
        .orElseThrow(
            () ->
                new HubException(
                    Reason.REFUSED,
                    "The Hub names no address that a file could be sent to. Is HF_ENDPOINT right?"));
  }
}
