package dev.inkling.language;

import dev.inkling.artifact.Disk;
import dev.inkling.stage.Note;
import dev.inkling.stage.StageContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** What a stage knows of its batches, in a note: every change is on the disk when it returns. */
final class BatchBook {
  private static final String NAME = "batches.json";

  /**
   * What stands in the note.
   *
   * @param waits whether every question without an answer is in a batch, so that there is nothing
   *     to do before one of them ends
   */
  record Entries(List<Chunk> chunks, Optional<Waits> waits) {}

  /** How many answers there were then, of how many. */
  record Waits(long answered, long total) {}

  private final Note<Entries> note;
  private final Path scratch;
  private final List<Chunk> chunks;
  private Optional<Waits> waits;

  BatchBook(StageContext context) throws IOException {
    note = new Note<>(context.work(), NAME, Entries.class);
    scratch = context.work().scratch();
    Entries entries = note.read().orElse(new Entries(List.of(), Optional.empty()));
    chunks = new ArrayList<>(entries.chunks());
    waits = entries.waits();
  }

  List<Chunk> all() {
    return List.copyOf(chunks);
  }

  /** Those whose answers are still to come. */
  List<Chunk> open() {
    return chunks.stream().filter(chunk -> !chunk.taken()).toList();
  }

  /** The entry of that tag, as it stands now. */
  Chunk with(String tag) {
    return chunks.stream().filter(chunk -> chunk.tag().equals(tag)).findFirst().orElseThrow();
  }

  /** The newest that has a question in it. */
  Optional<Chunk> with(String role, long index) {
    for (Chunk chunk : chunks.reversed()) {
      if (chunk.has(index) && chunk.role().equals(role)) {
        return Optional.of(chunk);
      }
    }
    return Optional.empty();
  }

  Optional<Waits> waits() {
    return waits;
  }

  void waits(Waits now) throws IOException {
    if (!waits.equals(Optional.of(now))) {
      waits = Optional.of(now);
      write();
    }
  }

  void add(Chunk chunk) throws IOException {
    chunks.add(chunk);
    waits = Optional.empty();
    write();
  }

  /** Changes an entry; the note is not written if that leaves it as it was. */
  Chunk change(Chunk chunk, UnaryOperator<Chunk> change) throws IOException {
    Chunk changed = change.apply(chunk);
    if (!changed.equals(chunk)) {
      chunks.set(chunks.indexOf(chunk), changed);
      waits = Optional.empty();
      write();
    }
    return changed;
  }

  private void write() throws IOException {
    note.write(new Entries(List.copyOf(chunks), waits));
  }

  /** How many requests were sent in batches. */
  long requests() {
    return chunks.stream().filter(c -> c.batch().isPresent()).mapToLong(Chunk::count).sum();
  }

  /** Where the note lies. */
  Path file() {
    return scratch.resolve(NAME);
  }

  /** Where a chunk's requests lie until it is taken. */
  Path requests(Chunk chunk) {
    return scratch.resolve(file(chunk.tag()));
  }

  static String file(String tag) {
    return "batch-" + tag + ".txt";
  }

  /**
   * The batches that this and all other stages with the same home know as their own; a stage that
   * is done knows none any more, but its batches have ended.
   */
  Set<String> known() throws IOException {
    Set<String> known = new HashSet<>();
    for (Path stage : Disk.entries(scratch.resolveSibling(""))) {
      read(stage.resolve(NAME)).stream()
          .flatMap(chunk -> chunk.batch().stream())
          .forEach(known::add);
    }
    return known;
  }

  private static List<Chunk> read(Path file) throws IOException {
    try {
      return Files.isRegularFile(file) ? Note.read(file, Entries.class).chunks() : List.of();
    } catch (NoSuchFileException e) {
      // It was published between the two.
      return List.of();
    }
  }
}
