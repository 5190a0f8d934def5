package dev.inkling.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Hub's own routes: who may come in, and what can be read. */
final class HubApi {
  static final String ID = "([\\w.-]+/[\\w.-]+)";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern MODEL = Pattern.compile("/api/models/" + ID + "(?:/revision/(.+))?");
  private static final Pattern RESOLVE = Pattern.compile("/" + ID + "/resolve/([^/]+)/(.+)");

  private final Shelf shelf;
  private final Storage storage;
  private final HubWrites writes;

  HubApi(Shelf shelf, URI url, Storage storage) {
    this.shelf = shelf;
    this.storage = storage;
    this.writes = new HubWrites(shelf, url, storage);
  }

  void answer(Exchange exchange) throws IOException {
    String token = exchange.token();
    Matcher model = MODEL.matcher(exchange.path());
    Matcher resolve = RESOLVE.matcher(exchange.path());
    if (!Set.of("", FakeHub.TOKEN, FakeHub.OTHER_TOKEN).contains(token)) {
      // Worse servers show what they were sent.
      exchange.error(401, "", "Invalid credentials in Authorization header: " + token);
    } else if (exchange.method().equals("GET") && model.matches()) {
      model(exchange, model);
    } else if (resolve.matches()) {
      resolve(exchange, resolve);
    } else if (!token.equals(FakeHub.TOKEN)) {
      exchange.error(403, "", "You don't have the rights to do this");
    } else {
      writes.answer(exchange);
    }
  }

  /** Sends the client on, or says that there is nothing; empty if it has to be done. */
  private Optional<Repository> repository(Exchange exchange, String name) throws IOException {
    Optional<Repository> moved = shelf.moved(name);
    if (moved.isPresent()) {
      String there = exchange.path().replace(name, moved.get().name());
      exchange.send(307, Map.of("Location", there + "?blobs=true"), new byte[0]);
      return Optional.empty();
    }
    Optional<Repository> found =
        shelf.find(name).filter(r -> !r.hidden() || exchange.token().equals(FakeHub.TOKEN));
    if (found.isEmpty()) {
      boolean known = !exchange.token().isEmpty();
      exchange.error(
          known ? 404 : 401,
          "RepoNotFound",
          known ? "Repository not found" : "Invalid username or password.");
    }
    return found;
  }

  private void model(Exchange exchange, Matcher match) throws IOException {
    Optional<Repository> repository = repository(exchange, match.group(1));
    if (repository.isEmpty()) {
      return;
    }
    String revision = URLDecoder.decode(Optional.ofNullable(match.group(2)).orElse("main"), UTF_8);
    Optional<Repository.Commit> commit = repository.get().at(revision);
    if (commit.isEmpty()) {
      exchange.error(404, "RevisionNotFound", "Invalid rev id: " + revision);
      return;
    }
    ObjectNode model =
        JSON.createObjectNode()
            .put("id", repository.get().name())
            .put("sha", commit.get().id())
            .put("private", repository.get().hidden());
    ArrayNode siblings = model.putArray("siblings");
    commit.get().files().forEach((path, content) -> siblings.add(sibling(path, content)));
    exchange.json(200, model);
  }

  private static ObjectNode sibling(String path, Repository.Content content) {
    ObjectNode file =
        JSON.createObjectNode()
            .put("rfilename", path)
            .put("size", content.bytes().length)
            .put("blobId", content.blob());
    if (content.large()) {
      file.putObject("lfs")
          .put("sha256", content.sha256())
          .put("size", content.bytes().length)
          .put("pointerSize", 134);
    }
    return file;
  }

  private void resolve(Exchange exchange, Matcher match) throws IOException {
    Optional<Repository> repository = repository(exchange, match.group(1));
    if (repository.isEmpty()) {
      return;
    }
    if (repository.get().gated() && !exchange.token().equals(FakeHub.TOKEN)) {
      exchange.error(
          exchange.token().isEmpty() ? 401 : 403,
          "GatedRepo",
          "Access to model " + repository.get().name() + " is restricted.");
      return;
    }
    Optional<Repository.Commit> commit = repository.get().at(match.group(2));
    Repository.Content content =
        commit.map(Repository.Commit::files).orElse(Map.of()).get(match.group(3));
    if (content == null) {
      exchange.error(404, "EntryNotFound", "Entry not found");
      return;
    }
    Map<String, String> headers = new HashMap<>();
    headers.put("X-Repo-Commit", commit.orElseThrow().id());
    if (content.large()) {
      headers.put("X-Linked-Etag", "\"" + content.sha256() + "\"");
      headers.put("X-Linked-Size", "" + content.bytes().length);
      headers.put("Location", storage.address(content.sha256()));
      exchange.send(302, headers, "Found".getBytes(UTF_8));
    } else {
      headers.put("ETag", "\"" + content.blob() + "\"");
      exchange.file(content.bytes().clone(), headers);
    }
  }
}
