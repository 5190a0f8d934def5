package dev.inkling.artifact;

import dev.inkling.plan.Keys;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Moves files to a bucket and back, in slices of their own: one request each, so that none takes
 * long, a lost one is cheap, and nothing half sent stays behind that nobody sees and somebody pays.
 */
final class Transfers {
  /** Small beside Java's heap, and sent within seconds over a line that suits a GPU. */
  static final int SLICE = 16 << 20;

  private final Bucket bucket;
  private final Runnable alive;

  /**
   * Transfers from and to a bucket.
   *
   * @param alive called before each slice, where what it throws ends the transfer, and now and then
   *     while one is on its way
   */
  Transfers(Bucket bucket, Runnable alive) {
    this.bucket = bucket.telling(alive);
    this.alive = alive;
  }

  /** Says that the caller is alive; what that throws ends what it is about. */
  void breathe() {
    alive.run();
  }

  /** Reads a file that may be large. */
  <T> T attended(StoreRoot.IoCall<T> read) throws IOException {
    return Attended.call(alive, read);
  }

  /** Takes a slice. */
  interface Sink {
    void take(int number, byte[] bytes) throws IOException;
  }

  /** Reads a part of a file slice by slice; at least one, if it is empty. */
  static void slices(Path file, long from, long until, Sink sink) throws IOException {
    // No channel: that would close itself if the thread were interrupted.
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(from);
      int number = 0;
      long at = from;
      do {
        byte[] bytes = new byte[(int) Math.min(SLICE, until - at)];
        in.readFully(bytes);
        sink.take(number++, bytes);
        at += bytes.length;
      } while (at < until);
    }
  }

  /**
   * Sends a part of a file.
   *
   * @param object what a slice is to be called, by its number
   */
  List<RemoteWork.Part> send(
      Path file, long from, long until, java.util.function.IntFunction<String> object, String base)
      throws IOException {
    List<RemoteWork.Part> parts = new ArrayList<>();
    slices(
        file,
        from,
        until,
        (number, bytes) -> {
          alive.run();
          bucket.put(base + object.apply(number), bytes);
          parts.add(new RemoteWork.Part(object.apply(number), bytes.length, Keys.sha256(bytes)));
        });
    return parts;
  }

  /** Fetches a file that was sent; each of its parts must be what was sent. */
  void fetch(RemoteWork.KeptFile kept, String base, Path to) throws IOException {
    Files.createDirectories(to.toAbsolutePath().getParent());
    try (OutputStream out = Files.newOutputStream(to)) {
      for (RemoteWork.Part part : kept.parts()) {
        alive.run();
        byte[] bytes = bucket.read(base + part.object()).map(Bucket.Stored::bytes).orElse(NONE);
        if (bytes.length != part.bytes() || !Keys.sha256(bytes).equals(part.sha256())) {
          throw new IOException(
              base + part.object() + " in " + bucket.place() + " is not what was sent");
        }
        out.write(bytes);
      }
    }
    attended(
        () -> {
          Disk.force(to);
          return to;
        });
  }

  private static final byte[] NONE = new byte[0];

  /** Sends a file of an artifact. Its name holds its hash: nobody sends other bytes there. */
  void sendWhole(String base, String name, String sha256, Path file) throws IOException {
    long length = Files.size(file);
    send(file, 0, length, number -> whole(name, sha256, length, number), base);
  }

  /**
   * Fetches a file of an artifact.
   *
   * @return what is wrong with it, if anything is
   */
  Optional<String> fetchWhole(String base, String name, Manifest.FileEntry entry, Path to)
      throws IOException {
    Files.createDirectories(to.toAbsolutePath().getParent());
    try (OutputStream out = Files.newOutputStream(to)) {
      int count = Math.max(1, Math.toIntExact((entry.bytes() + SLICE - 1) / SLICE));
      for (int number = 0; number < count; number++) {
        alive.run();
        String object = base + whole(name, entry.sha256(), entry.bytes(), number);
        Optional<Bucket.Stored> stored = bucket.read(object);
        if (stored.isEmpty()) {
          return Optional.of(name + " is missing: there is no object " + object);
        }
        out.write(stored.get().bytes());
      }
    }
    boolean right =
        attended(
            () -> {
              Disk.force(to);
              return Files.size(to) == entry.bytes() && Disk.sha256(to).equals(entry.sha256());
            });
    return right
        ? Optional.empty()
        : Optional.of(name + " is not what was published: its SHA-256 differs from the manifest's");
  }

  private static String whole(String name, String sha256, long length, int number) {
    String object = sha256 + "/" + name;
    return length <= SLICE ? object : object + String.format(".part-%05d", number);
  }
}
