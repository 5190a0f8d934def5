package dev.inkling.artifact;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The files of one stage's work on this machine, and which of them a bucket holds: files that were
 * kept, small ones that change in place, and journals, which only grow.
 */
final class ScratchFiles {
  /** Names the attempt that left these files here. */
  private static final String LEFT_BY = "left-by";

  /** A file up to this size is compared as a whole; a larger one that changes in place grows. */
  private static final int SMALL = 64 << 10;

  private final Path directory;
  private final Transfers transfers;
  private final String base;
  private final String own;
  private int sent;

  /**
   * The files of an attempt.
   *
   * @param base where the work's objects lie
   * @param own where, below it, this attempt's are: no other one writes there
   */
  ScratchFiles(Path directory, Transfers transfers, String base, String own) {
    this.directory = directory;
    this.transfers = transfers;
    this.base = base;
    this.own = own;
  }

  /**
   * Makes the files here those of the attempt before. If that one worked on this machine they are,
   * and may hold more than it has sent.
   *
   * @return those that are here as the bucket has them, or with more at their end
   */
  Map<String, RemoteWork.KeptFile> restore(RemoteWork remote, Claim.Taken taken, Store.Work local)
      throws IOException {
    Path leftBy = directory.resolve(LEFT_BY);
    boolean here =
        taken.before().isPresent()
            && Files.exists(leftBy)
            && Files.readString(leftBy).equals(taken.before().get().token());
    SortedMap<String, RemoteWork.KeptFile> known = new TreeMap<>(remote.files());
    if (here) {
      known.entrySet().removeIf(kept -> !begins(directory.resolve(kept.getKey()), kept.getValue()));
    } else {
      Files.deleteIfExists(leftBy);
      fetch(remote.files(), local);
    }
    Disk.replace(leftBy, taken.entry().token().getBytes(StandardCharsets.UTF_8));
    return known;
  }

  private void fetch(Map<String, RemoteWork.KeptFile> wanted, Store.Work local) throws IOException {
    for (Path file : files()) {
      RemoteWork.KeptFile kept = wanted.get(file.getFileName().toString());
      if (kept == null || Files.size(file) != kept.length() || !begins(file, kept)) {
        Files.delete(file);
      }
    }
    for (Map.Entry<String, RemoteWork.KeptFile> kept : wanted.entrySet()) {
      if (!Files.exists(directory.resolve(kept.getKey()))) {
        Path draft = local.draft(kept.getKey());
        transfers.fetch(kept.getValue(), base, draft);
        Disk.moveInto(draft, directory.resolve(kept.getKey()));
      }
    }
  }

  /** Whether a file begins with what was sent of it. */
  private boolean begins(Path file, RemoteWork.KeptFile kept) {
    try {
      long at = 0;
      for (RemoteWork.Part part : kept.parts()) {
        transfers.breathe();
        if (!part.sha256().equals(sha256(file, at, part))) {
          return false;
        }
        at += part.bytes();
      }
      return true;
    } catch (IOException e) {
      return false; // it is not there, or shorter
    }
  }

  private static String sha256(Path file, long from, RemoteWork.Part part) throws IOException {
    List<String> hashes = new ArrayList<>();
    Transfers.slices(
        file,
        from,
        from + part.bytes(),
        (_, bytes) -> hashes.add(dev.inkling.plan.Keys.sha256(bytes)));
    return hashes.getFirst();
  }

  private List<Path> files() throws IOException {
    return Disk.entries(directory).stream()
        .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
        .filter(file -> !ours(file.getFileName().toString()))
        .toList();
  }

  private static boolean ours(String name) {
    return name.startsWith("claim.") || name.startsWith(LEFT_BY) || name.endsWith(".tmp");
  }

  /** Sends what has changed in place; the files as they are to stand in the claim. */
  SortedMap<String, RemoteWork.KeptFile> changed(Map<String, RemoteWork.KeptFile> known)
      throws IOException {
    SortedMap<String, RemoteWork.KeptFile> now = new TreeMap<>();
    for (Path file : files()) {
      String name = file.getFileName().toString();
      RemoteWork.KeptFile before = known.get(name);
      now.put(name, before == null ? send(name, file) : changed(name, file, before));
    }
    return now;
  }

  private RemoteWork.KeptFile changed(String name, Path file, RemoteWork.KeptFile before)
      throws IOException {
    long length = Files.size(file);
    if (length < before.length() || length <= SMALL) {
      return length == before.length() && begins(file, before) ? before : send(name, file);
    }
    if (length == before.length()) {
      return before;
    }
    // A tail is sent together with the parts before it that are no larger, so that there are few
    // parts, and each byte is sent a few times at most.
    List<RemoteWork.Part> parts = new ArrayList<>(before.parts());
    long from = before.length();
    while (!parts.isEmpty()
        && parts.getLast().bytes() <= length - from
        && parts.getLast().bytes() < Transfers.SLICE) {
      from -= parts.removeLast().bytes();
    }
    parts.addAll(part(name, file, from, length));
    return new RemoteWork.KeptFile(parts);
  }

  /** Sends a file as a whole. */
  RemoteWork.KeptFile send(String name, Path file) throws IOException {
    return new RemoteWork.KeptFile(part(name, file, 0, Files.size(file)));
  }

  private List<RemoteWork.Part> part(String name, Path file, long from, long until)
      throws IOException {
    int number = ++sent;
    return transfers.send(
        file, from, until, slice -> own + number + "." + slice + "/" + name, base);
  }
}
