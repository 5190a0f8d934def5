package dev.inkling.model.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inkling.artifact.Disk;
import dev.inkling.model.hub.HubException.Reason;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Brings files into the cache: a part that is there goes on, the whole is hashed.
 *
 * @param id at a commit: what lies there never changes
 */
record Fetch(HubSettings settings, HubHttp http, HubCache cache, ModelId.OnHub id) {
  /** A second copy that is wrong as well is no accident of the way. */
  private static final int COPIES = 2;

  Fetch {
    if (!id.pinned()) {
      throw new IllegalArgumentException(id + " is not a commit");
    }
  }

  /** Brings one, unless it is there. */
  void file(HubFile file, Meter meter) throws HubException, IOException, InterruptedException {
    if (cache.has(id.revision(), file)) {
      meter.add(file.size());
      return;
    }
    try (BlobLock _ = BlobLock.take(cache.lock(file), meter)) {
      if (HubCache.whole(cache.blob(file), file)) {
        meter.add(file.size());
      } else {
        content(file, meter);
      }
      cache.link(id.revision(), file);
    }
  }

  private void content(HubFile file, Meter meter)
      throws HubException, IOException, InterruptedException {
    Path place = cache.part(file);
    for (int copy = 1; copy <= COPIES; copy++) {
      try (Part part = Part.open(place, file, meter)) {
        checkRoom(file, part);
        fill(file, part, meter);
        if (part.right()) {
          Disk.force(place);
          Disk.moveInto(place, cache.blob(file));
          return;
        }
        part.discard();
      }
      meter.note(file.path() + " came with wrong bytes; it is fetched again.");
    }
    Files.deleteIfExists(place);
    throw new HubException(
        Reason.DAMAGED,
        file.path()
            + " of "
            + id
            + " came twice with other bytes than its hash promises ("
            + file.etag()
            + "); nothing of it is kept. Is a proxy or a mirror between here and "
            + settings.endpoint()
            + "? Try again later, or another HF_ENDPOINT.");
  }

  /** Better said at once than after an hour. */
  private void checkRoom(HubFile file, Part part) throws HubException, IOException {
    long needed = file.size() - part.offset();
    long free = Files.getFileStore(cache.root()).getUsableSpace();
    // File systems that do not know say 0.
    if (free > 0 && free < needed) {
      throw LocalFailure.room(cache.root(), needed, free);
    }
  }

  private void fill(HubFile file, Part part, Meter meter)
      throws HubException, IOException, InterruptedException {
    int failures = 0;
    while (!part.whole()) {
      long before = part.offset();
      try {
        Answer answer = http.once(Order.get(address(file), part), meter);
        if (answer.status() == 416) {
          part.discard();
        } else if (!answer.good()) {
          throw new Refusals(settings).of(answer, id);
        }
        if (!part.whole()) {
          throw new PassingException(
              "The connection ended before " + file.path() + " did.", Optional.empty());
        }
      } catch (PassingException e) {
        // As long as every attempt brings something, it gets there.
        failures = part.offset() > before ? 1 : failures + 1;
        meter.sleep(http.retries().wait(failures, e));
      }
    }
  }

  private URI address(HubFile file) {
    String name = URLEncoder.encode(file.path(), UTF_8).replace("+", "%20");
    return settings.at("/" + id.repository() + "/resolve/" + id.revision() + "/" + name);
  }
}
