package dev.inkling.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.model.hub.HubException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Brings files into a repository as one commit. What the repository has is looked at first and
 * whenever an answer was lost, and a commit names the one that it follows, so there is one commit
 * for the same content, however often and from how many places it is pushed.
 */
record Push(HubSettings settings, HubHttp http, ModelId.OnHub id, Meter meter) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** By these many bytes the Hub tells texts from others. */
  private static final int SAMPLE = 512;

  /**
   * Pushes.
   *
   * @param open whether the world may see it; if not, a repository that it sees is refused
   */
  Pushed files(List<Upload> files, boolean open)
      throws HubException, IOException, InterruptedException {
    Listing there = repository(open);
    if (!there.isPrivate() && !open) {
      throw new HubException(
          Reason.REFUSED,
          page()
              + " is public, and this was to be private. Nothing was uploaded. Choose another name,"
              + " make it private on its page, or push with --public.");
    }
    boolean made = false;
    for (int failures = 0; ; ) {
      Listing now = there;
      List<Upload> missing =
          files.stream().filter(f -> now.files().stream().noneMatch(f::same)).toList();
      if (missing.isEmpty()) {
        meter.beat();
        return new Pushed(id.repository(), now.commit(), page(), made, now.isPrivate());
      }
      Set<String> large = large(missing);
      new LargeFiles(settings, http, id, meter)
          .upload(missing.stream().filter(f -> large.contains(f.path())).toList());
      Outcome outcome = commit(missing, large, now.commit());
      made = outcome.made();
      failures++;
      if (outcome.trouble().isPresent() || failures > 1) {
        meter.sleep(http.retries().wait(failures, outcome.trouble().orElseGet(this::notShown)));
      }
      there = list(Optional.empty());
    }
  }

  private PassingException notShown() {
    return new PassingException(page() + " does not show what was committed.", Optional.empty());
  }

  private URI page() {
    return settings.at("/" + id.repository());
  }

  /** The files of the repository, which is made if there is none. */
  private Listing repository(boolean open) throws HubException, InterruptedException {
    Optional<Listing> there = look();
    if (there.isPresent()) {
      return there.get();
    }
    String[] name = id.repository().split("/", 2);
    ObjectNode wanted =
        JSON.createObjectNode()
            .put("type", "model")
            .put("name", name[1])
            .put("organization", name[0])
            .put("private", !open);
    http.ask(
        Order.post(settings.at("/api/repos/create"), wanted),
        meter,
        answer -> {
          // 409: somebody was faster, or our first answer was lost.
          return answer.status() == 409 ? answer : refusals().good(answer, id);
        });
    return list(Optional.of("The Hub does not show the new repository yet."));
  }

  private Optional<Listing> look() throws HubException, InterruptedException {
    return http.ask(
        Order.get(listAddress()),
        meter,
        answer ->
            absent(answer)
                ? Optional.empty()
                : Optional.of(Listing.of(refusals().good(answer, id).json())));
  }

  private static boolean absent(Answer answer) {
    return answer.status() == 404 && !answer.header("x-error-code").equals("RevisionNotFound");
  }

  /**
   * The files of the repository.
   *
   * @param notYet what it means that there is none, if that passes
   */
  private Listing list(Optional<String> notYet) throws HubException, InterruptedException {
    return http.ask(
        Order.get(listAddress()),
        meter,
        answer -> {
          if (absent(answer) && notYet.isPresent()) {
            throw new PassingException(notYet.get(), Optional.empty());
          }
          return Listing.of(refusals().good(answer, id).json());
        });
  }

  private URI listAddress() {
    return settings.at(
        "/api/models/" + id.repository() + "/revision/" + id.revision() + "?blobs=true");
  }

  private Refusals refusals() {
    return new Refusals(settings);
  }

  /** Which of the files the Hub wants in its storage and not in git. */
  private Set<String> large(List<Upload> files)
      throws HubException, IOException, InterruptedException {
    ObjectNode question = JSON.createObjectNode();
    ArrayNode all = question.putArray("files");
    for (Upload file : files) {
      try (InputStream content = file.content().open()) {
        all.addObject()
            .put("path", file.path())
            .put("size", file.size())
            .put("sample", Base64.getEncoder().encodeToString(content.readNBytes(SAMPLE)));
      }
    }
    JsonNode modes =
        http.ask(
            Order.post(
                settings.at("/api/models/" + id.repository() + "/preupload/" + id.revision()),
                question),
            meter,
            answer -> refusals().good(answer, id).json());
    Set<String> large = new HashSet<>();
    for (JsonNode file : modes.path("files")) {
      if (file.path("shouldIgnore").asBoolean()) {
        throw new HubException(
            Reason.REFUSED,
            "The .gitignore of "
                + page()
                + " keeps "
                + settings.scrub(file.path("path").asText())
                + " out. Nothing was committed. Change it there, or choose another repository.");
      }
      if (file.path("uploadMode").asText().equals("lfs")) {
        large.add(file.path("path").asText());
      }
    }
    return large;
  }

  /**
   * What became of a commit.
   *
   * @param made whether it was made, for all that one knows: without its answer, it may have been
   * @param trouble why one must look and maybe try again
   */
  private record Outcome(boolean made, Optional<PassingException> trouble) {}

  private Outcome commit(List<Upload> files, Set<String> large, String parent)
      throws HubException, IOException, InterruptedException {
    StringBuilder lines = new StringBuilder();
    ObjectNode header =
        JSON.createObjectNode()
            .put("summary", "Upload an adapter with Inkling")
            .put("description", "")
            .put("parentCommit", parent);
    lines.append(line("header", header));
    for (Upload file : files) {
      ObjectNode value = JSON.createObjectNode().put("path", file.path());
      if (large.contains(file.path())) {
        value.put("algo", "sha256").put("oid", file.sha256()).put("size", file.size());
        lines.append(line("lfsFile", value));
      } else {
        try (InputStream content = file.content().open()) {
          value.put("content", content.readAllBytes()).put("encoding", "base64");
        }
        lines.append(line("file", value));
      }
    }
    URI address = settings.at("/api/models/" + id.repository() + "/commit/" + id.revision());
    Order order = Order.post(address, "application/x-ndjson", lines.toString());
    try {
      Answer answer = http.once(order, meter);
      if (answer.status() == 409 || answer.status() == 412) {
        String moved = page() + " is being changed by others.";
        return new Outcome(false, Optional.of(new PassingException(moved, Optional.empty())));
      }
      refusals().good(answer, id);
      return new Outcome(true, Optional.empty());
    } catch (PassingException e) {
      return new Outcome(true, Optional.of(e));
    }
  }

  private static String line(String key, ObjectNode value) {
    return JSON.createObjectNode().put("key", key).<ObjectNode>set("value", value) + "\n";
  }
}
