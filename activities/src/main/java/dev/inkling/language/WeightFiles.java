package dev.inkling.language;

import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.hosted.Credentials;
import dev.inkling.model.hub.Hub;
import dev.inkling.model.hub.HubException;
import dev.inkling.model.hub.HubSettings;
import dev.inkling.model.hub.ModelId;
import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.stage.Monitor;
import dev.inkling.stage.SourceChangedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Where models and adapters lie: in directories of this machine, or in the Hub's cache. */
final class WeightFiles {
  private final Path home;
  private final Map<String, String> environment;

  WeightFiles(Path home, Map<String, String> environment) {
    this.home = home;
    this.environment = Map.copyOf(environment);
  }

  /** What an id leads to. */
  enum Kind {
    MODEL,
    ADAPTER
  }

  /**
   * The commit of the Hub that an id is now, or the SHA-256 of a directory's files, each of which
   * is read as a whole.
   *
   * @param monitor hears meanwhile that this is alive, also while a disk gives nothing
   */
  String version(String id, Kind kind, Monitor monitor)
      throws ModelException, IOException, InterruptedException {
    return Attended.call(monitor, () -> version(id, kind));
  }

  private String version(String id, Kind kind)
      throws ModelException, IOException, InterruptedException {
    try {
      return switch (ModelId.parse(id)) {
        case ModelId.OnHub hub -> {
          try (Hub open = hub()) {
            yield open.commit(hub, Monitor.silent());
          }
        }
        case ModelId.Directory(Path path) ->
            switch (kind) {
              case MODEL -> ModelDirectory.fingerprint(path);
              case ADAPTER -> ModelDirectory.fingerprintOfAdapter(path);
            };
      };
    } catch (HubException | InvalidModelException e) {
      throw said(e);
    }
  }

  /** The same id at a commit instead of a branch that may move. */
  static String pinned(String id, String version) {
    return ModelId.parse(id) instanceof ModelId.OnHub hub ? hub.at(version).toString() : id;
  }

  /** Where the files of an id lie, fetched if they must be. */
  Path directory(String id, Monitor monitor)
      throws ModelException, IOException, InterruptedException {
    return switch (ModelId.parse(id)) {
      case ModelId.OnHub hub -> {
        try (Hub open = hub()) {
          String commit = hub.pinned() ? hub.revision() : open.commit(hub, monitor);
          yield open.snapshot(hub, commit, monitor);
        } catch (HubException e) {
          throw said(e);
        }
      }
      case ModelId.Directory directory -> directory.path();
    };
  }

  /**
   * The same, of what was planned with. A commit stays what it is. A directory does not: it is read
   * as a whole once more, which brings into memory what is needed next.
   *
   * @param version what planning found
   * @throws SourceChangedException if it is another one now, or on this machine
   */
  Path planned(String id, Kind kind, String version, Monitor monitor)
      throws ModelException, IOException, InterruptedException {
    Path path = directory(id, monitor);
    if (ModelId.parse(id) instanceof ModelId.Directory
        && !version(id, kind, monitor).equals(version)) {
      throw new SourceChangedException(path);
    }
    return path;
  }

  private Hub hub() throws IOException {
    Credentials credentials = Credentials.of(environment, home.resolve(Credentials.FILE));
    return new Hub(HubSettings.of(credentials::get));
  }

  /** In the words of those who ask models. */
  static ModelException said(Exception e) {
    Reason reason =
        e instanceof HubException hub
            ? switch (hub.reason()) {
              case NO_ACCESS -> Reason.MISSING_CREDENTIAL;
              case UNAVAILABLE -> Reason.UNAVAILABLE;
              case NOT_FOUND, REFUSED, OFFLINE, DAMAGED, DISK -> Reason.REFUSED;
            }
            : Reason.REFUSED;
    return new ModelException(reason, String.valueOf(e.getMessage()), Optional.empty(), e);
  }
}
