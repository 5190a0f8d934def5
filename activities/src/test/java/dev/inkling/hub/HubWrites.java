package dev.inkling.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Hub's routes for who brings something. */
final class HubWrites {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Shelf shelf;
  private final URI url;
  private final Storage storage;
  private final List<Route> routes =
      List.of(
          new Route("/api/repos/create", (exchange, _) -> create(exchange)),
          new Route("/api/complete/([0-9a-f]{64})", this::complete),
          new Route("/api/models/" + HubApi.ID + "/preupload/(.+)", (e, _) -> preupload(e)),
          new Route("/" + HubApi.ID + "\\.git/info/lfs/objects/batch", this::batch),
          new Route("/" + HubApi.ID + "\\.git/info/lfs/verify", (e, _) -> verify(e)),
          new Route("/api/models/" + HubApi.ID + "/commit/(.+)", this::commit));

  /** Answers one kind of request. */
  @FunctionalInterface
  private interface Answering {
    void answer(Exchange exchange, Matcher path) throws IOException;
  }

  private record Route(Pattern path, Answering answering) {
    Route(String path, Answering answering) {
      this(Pattern.compile(path), answering);
    }
  }

  HubWrites(Shelf shelf, URI url, Storage storage) {
    this.shelf = shelf;
    this.url = url;
    this.storage = storage;
  }

  void answer(Exchange exchange) throws IOException {
    for (Route route : routes) {
      Matcher path = route.path().matcher(exchange.path());
      if (path.matches()) {
        route.answering().answer(exchange, path);
        return;
      }
    }
    exchange.error(404, "", "no such route");
  }

  private void complete(Exchange exchange, Matcher path) throws IOException {
    boolean right = storage.complete(path.group(1), exchange.json());
    exchange.json(right ? 200 : 400, JSON.createObjectNode().put("success", right));
  }

  private void verify(Exchange exchange) throws IOException {
    boolean there = shelf.large(exchange.json().path("oid").asText()).isPresent();
    exchange.json(there ? 200 : 404, JSON.createObjectNode());
  }

  private void create(Exchange exchange) throws IOException {
    JsonNode wanted = exchange.json();
    String name = wanted.path("organization").asText() + "/" + wanted.path("name").asText();
    if (shelf.find(name).isPresent()) {
      exchange.error(409, "", "You already created this model repo");
      return;
    }
    shelf.make(name, wanted.path("private").asBoolean());
    exchange.json(200, JSON.createObjectNode().put("url", url + "/" + name));
  }

  private static void preupload(Exchange exchange) throws IOException {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode files = answer.putArray("files");
    for (JsonNode file : exchange.json().path("files")) {
      files
          .addObject()
          .put("path", file.path("path").asText())
          .put(
              "uploadMode", file.path("path").asText().endsWith(".safetensors") ? "lfs" : "regular")
          .put("shouldIgnore", false);
    }
    exchange.json(200, answer);
  }

  private void batch(Exchange exchange, Matcher path) throws IOException {
    ObjectNode answer = JSON.createObjectNode().put("transfer", "basic");
    ArrayNode objects = answer.putArray("objects");
    for (JsonNode wanted : exchange.json().path("objects")) {
      String sha256 = wanted.path("oid").asText();
      long size = wanted.path("size").asLong();
      ObjectNode object = objects.addObject().put("oid", sha256).put("size", size);
      if (shelf.large(sha256).isEmpty()) {
        ObjectNode actions = object.putObject("actions");
        actions.set("upload", storage.upload(sha256, size, url));
        actions.putObject("verify").put("href", url + "/" + path.group(1) + ".git/info/lfs/verify");
      }
    }
    exchange.json(200, answer);
  }

  private void commit(Exchange exchange, Matcher path) throws IOException {
    String name = path.group(1);
    Optional<Repository> repository = shelf.find(name);
    if (repository.isEmpty()) {
      exchange.error(404, "RepoNotFound", "Repository not found");
      return;
    }
    Map<String, Repository.Content> files = new LinkedHashMap<>();
    JsonNode header = JSON.createObjectNode();
    for (String line : new String(exchange.body(), UTF_8).lines().toList()) {
      JsonNode value = JSON.readTree(line).path("value");
      switch (JSON.readTree(line).path("key").asText()) {
        case "header" -> header = value;
        case "file" ->
            files.put(
                value.path("path").asText(),
                new Repository.Content(value.path("content").binaryValue(), false));
        case "lfsFile" -> {
          Optional<byte[]> large = shelf.large(value.path("oid").asText());
          if (large.isEmpty()) {
            exchange.error(400, "", "the large file is not there");
            return;
          }
          files.put(value.path("path").asText(), new Repository.Content(large.get(), true));
        }
        default -> {
          exchange.error(400, "", "unknown line");
          return;
        }
      }
    }
    String id;
    synchronized (shelf) {
      String parent = header.path("parentCommit").asText("");
      if (!parent.isEmpty() && !parent.equals(repository.get().head().id())) {
        exchange.error(412, "", "A commit has happened since. Please refresh and try again.");
        return;
      }
      id = repository.get().commit(header.path("summary").asText(), files);
    }
    exchange.json(
        200,
        JSON.createObjectNode()
            .put("success", true)
            .put("commitOid", id)
            .put("commitUrl", url + "/" + name + "/commit/" + id));
  }
}
