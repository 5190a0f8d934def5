package dev.inkling.model.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inkling.artifact.Disk;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A repository in the cache, laid out as huggingface_hub does: a file's content lies in {@code
 * blobs} under its hash, {@code snapshots/<commit>} has links to it under its name, {@code
 * refs/<revision>} says which commit that was when it was last asked, {@code trees/<commit>.json}
 * lists all files of a commit.
 *
 * @param root the cache
 */
record HubCache(Path root, String repository) {
  private String folder() {
    return "models--" + repository.replace("/", "--");
  }

  private Path place() {
    return root.resolve(folder());
  }

  Path snapshot(String commit) {
    return place().resolve("snapshots").resolve(commit);
  }

  Path blob(HubFile file) {
    return place().resolve("blobs").resolve(file.etag());
  }

  /**
   * A part of a blob. huggingface_hub writes its own parts under other names: its lock is one that
   * Java cannot take, so neither must touch the other's.
   */
  Path part(HubFile file) {
    return place().resolve("blobs").resolve(file.etag() + ".inkling.incomplete");
  }

  /** What is locked while a blob is made. */
  Path lock(HubFile file) {
    return root.resolve(".locks").resolve(folder()).resolve(file.etag() + ".inkling.lock");
  }

  /** Whether a commit has the file, with all its bytes. */
  boolean has(String commit, HubFile file) throws IOException {
    return whole(snapshot(commit).resolve(file.path()), file);
  }

  /** Whether there is a content of the right size; its hash was compared when it was made. */
  static boolean whole(Path content, HubFile file) throws IOException {
    return Files.isRegularFile(content) && Files.size(content) == file.size();
  }

  /** Gives a blob its name in a commit. */
  void link(String commit, HubFile file) throws IOException {
    Path name = snapshot(commit).resolve(file.path());
    Files.createDirectories(name.getParent());
    Path target = name.getParent().relativize(blob(file));
    try {
      Files.createSymbolicLink(name, target);
    } catch (FileAlreadyExistsException e) {
      if (Files.isSymbolicLink(name) && Files.readSymbolicLink(name).equals(target)) {
        return; // another process was faster, or it led to nothing until now
      }
      Path other = name.resolveSibling("." + UUID.randomUUID());
      Files.createSymbolicLink(other, target);
      Disk.moveInto(other, name);
    }
  }

  /** The commit that a revision was, when it was last asked. */
  Optional<String> ref(String revision) throws IOException {
    try {
      return Optional.of(Files.readString(place().resolve("refs").resolve(revision)).strip())
          .filter(ModelId.OnHub::isCommit);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Remembers which commit a revision is. */
  void keepRef(String revision, String commit) throws IOException {
    if (!ref(revision).equals(Optional.of(commit))) {
      replace(place().resolve("refs").resolve(revision), commit.getBytes(UTF_8));
    }
  }

  /** The files of a commit, if they are known here. */
  Optional<Listing> listing(String commit) throws IOException {
    try {
      return Listing.kept(commit, Files.readAllBytes(tree(commit)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  void keep(Listing listing) throws IOException {
    replace(tree(listing.commit()), listing.kept());
  }

  private Path tree(String commit) {
    return place().resolve("trees").resolve(commit + ".json");
  }

  /** Several processes may do it at once. */
  private static void replace(Path file, byte[] content) throws IOException {
    Files.createDirectories(file.getParent());
    Path written = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    Files.write(written, content);
    Disk.moveInto(written, file);
  }

  /**
   * Whether a commit of which nobody kept the list has what a model or an adapter needs at least.
   */
  boolean seemsWhole(String commit) throws IOException {
    Path snapshot = snapshot(commit);
    if (Files.exists(snapshot.resolve("adapter_config.json"))) {
      return Files.exists(snapshot.resolve("adapter_model.safetensors"));
    }
    Path index = snapshot.resolve(Wanted.INDEX);
    Set<String> weights = Files.exists(index) ? Wanted.shards(index) : Set.of("model.safetensors");
    return Stream.concat(Stream.of("config.json", "tokenizer.json"), weights.stream())
        .allMatch(name -> Files.exists(snapshot.resolve(name)));
  }
}
