package dev.inkling.model.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inkling.model.hub.HubException.Reason;
import dev.inkling.stage.Monitor;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The Hugging Face Hub, or a server that speaks like it. Every method may be called again after
 * whatever has happened, and goes on from what is there.
 *
 * <p>Monitors hear how many bytes are done. One that throws StopRequestedException ends the
 * transfer; what has come stays for the next time.
 */
public final class Hub implements AutoCloseable {
  /** What PEFT makes of an adapter. */
  private static final List<String> ADAPTER =
      List.of("adapter_config.json", "adapter_model.safetensors");

  private final HubSettings settings;
  private final HubHttp http;
  private final Refusals refusals;

  /** What this object has asked, so that the cache is told the newest only. */
  private final Map<ModelId.OnHub, String> resolved = new ConcurrentHashMap<>();

  public Hub(HubSettings settings) {
    this(settings, Retries.DEFAULT);
  }

  Hub(HubSettings settings, Retries retries) {
    this.settings = settings;
    this.http = new HubHttp(settings, retries);
    this.refusals = new Refusals(settings);
  }

  /**
   * The commit that a revision is at the moment. Without a network it is the one that it was when
   * it was last downloaded, and the monitor is told so.
   *
   * @return 40 hexadecimal digits
   */
  public String commit(ModelId.OnHub id, Monitor monitor)
      throws HubException, InterruptedException {
    try {
      HubCache cache = cache(id);
      if (id.pinned() && Files.isDirectory(cache.snapshot(id.revision()))) {
        return id.revision();
      }
      if (settings.offline()) {
        return remembered(cache, id, monitor, "HF_HUB_OFFLINE is set")
            .orElseThrow(() -> refusals.offline(id + " was never downloaded here"));
      }
      String commit;
      try {
        commit = list(id, new Meter(monitor)).commit();
      } catch (HubException e) {
        Optional<String> last =
            e.reason() == Reason.UNAVAILABLE
                ? remembered(cache, id, monitor, settings.endpoint() + " does not answer")
                : Optional.empty();
        return last.orElseThrow(() -> e);
      }
      resolved.put(id, commit);
      if (!id.pinned() && Files.isDirectory(cache.snapshot(commit))) {
        cache.keepRef(id.revision(), commit);
      }
      return commit;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static Optional<String> remembered(
      HubCache cache, ModelId.OnHub id, Monitor monitor, String why) throws IOException {
    Optional<String> commit = cache.ref(id.revision());
    commit.ifPresent(
        c -> monitor.note(why + ": " + id + " is taken to be " + c + ", as it was last."));
    return commit;
  }

  /**
   * Downloads what a model or an adapter consists of, as far as it is not there.
   *
   * @param commit what {@link #commit} gave
   * @return the directory with the files, which must not be changed: it belongs to the cache
   */
  public Path snapshot(ModelId.OnHub id, String commit, Monitor monitor)
      throws HubException, InterruptedException {
    HubCache cache = cache(id);
    Path snapshot = cache.snapshot(commit);
    Meter meter = new Meter(monitor);
    try {
      Optional<Listing> listing = listing(id.at(commit), cache, meter);
      if (listing.isPresent()) {
        bring(Wanted.small(listing.get()), id.at(commit), cache, meter);
        bring(Wanted.weights(listing.get(), snapshot, id), id.at(commit), cache, meter);
        if (!id.pinned()
            && (commit.equals(resolved.get(id)) || cache.ref(id.revision()).isEmpty())) {
          cache.keepRef(id.revision(), commit);
        }
      }
      meter.beat();
      return snapshot;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** The files of a commit; empty if only the cache can be asked, and seems to have them all. */
  private Optional<Listing> listing(ModelId.OnHub id, HubCache cache, Meter meter)
      throws HubException, IOException, InterruptedException {
    Optional<Listing> kept = cache.listing(id.revision());
    if (kept.isPresent()) {
      return kept;
    }
    boolean seemsWhole = cache.seemsWhole(id.revision());
    if (settings.offline() && seemsWhole) {
      return Optional.empty();
    }
    if (settings.offline()) {
      throw refusals.offline(id + " is not, or not as a whole, in the cache");
    }
    try {
      Listing listing = list(id, meter);
      cache.keep(listing);
      return Optional.of(listing);
    } catch (HubException e) {
      if (e.reason() == Reason.UNAVAILABLE && seemsWhole) {
        meter.note(
            settings.endpoint() + " does not answer: " + id + " is used as the cache has it.");
        return Optional.empty();
      }
      throw e;
    }
  }

  private void bring(List<HubFile> files, ModelId.OnHub id, HubCache cache, Meter meter)
      throws HubException, IOException, InterruptedException {
    meter.expect(files.stream().mapToLong(HubFile::size).sum());
    for (HubFile file : files) {
      if (settings.offline() && !cache.has(id.revision(), file)) {
        throw refusals.offline(file.path() + " of " + id + " is not in the cache");
      }
      new Fetch(settings, http, cache, id).file(file, meter);
      meter.beat();
    }
  }

  /**
   * Makes an adapter and its card the content of a repository of ours, which is made if there is
   * none. Pushed again with the same content it changes nothing.
   *
   * @param directory with adapter_config.json and adapter_model.safetensors
   * @param repository owner/name
   * @param open whether the world may see it
   */
  public Pushed push(
      Path directory, ModelCard card, String repository, boolean open, Monitor monitor)
      throws HubException, InterruptedException {
    ModelId.OnHub id = new ModelId.OnHub(repository, ModelId.OnHub.MAIN);
    if (settings.offline()) {
      throw refusals.offlinePush();
    }
    if (settings.token().isEmpty()) {
      throw refusals.noToken();
    }
    try {
      List<Upload> files = new ArrayList<>();
      for (String name : ADAPTER) {
        Path file = directory.resolve(name);
        if (!Files.isRegularFile(file)) {
          throw new HubException(
              Reason.REFUSED, directory + " holds no adapter: there is no " + name + " in it.");
        }
        files.add(Upload.of(name, file));
      }
      files.add(Upload.of("README.md", card.markdown().getBytes(UTF_8)));
      return new Push(settings, http, id, new Meter(monitor)).files(files, open);
    } catch (IOException e) {
      throw new HubException(
          Reason.DISK, "The adapter in " + directory + " cannot be read: " + e.getMessage(), e);
    }
  }

  private Listing list(ModelId.OnHub id, Meter meter) throws HubException, InterruptedException {
    URI address =
        settings.at(
            "/api/models/"
                + id.repository()
                + "/revision/"
                + URLEncoder.encode(id.revision(), UTF_8)
                + "?blobs=true");
    return http.ask(
        Order.get(address), meter, answer -> Listing.of(refusals.good(answer, id).json()));
  }

  /** Files that are open when their thread is interrupted say so in their own way. */
  private HubException failed(IOException e) throws InterruptedException {
    if (e instanceof ClosedByInterruptException) {
      throw new InterruptedException("interrupted while a file was read or written");
    }
    return LocalFailure.of(e, settings.cache());
  }

  private HubCache cache(ModelId.OnHub id) {
    return new HubCache(settings.cache(), id.repository());
  }

  @Override
  public void close() {
    http.close();
  }
}
