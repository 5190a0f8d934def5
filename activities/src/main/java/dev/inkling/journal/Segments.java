package dev.inkling.journal;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.artifact.Disk;
import dev.inkling.artifact.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The list of all attempts' segments, in their order: which files count, and how much of each. It
 * changes only under the claim, so an attempt that was replaced can change it no more.
 */
record Segments(List<Segment> segments) {
  /** The list's file. */
  static final String FILE = "journals.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  Segments {
    segments = List.copyOf(segments);
  }

  /** The list in a work directory; empty if there is none. */
  static Segments read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return new Segments(List.of());
    }
    try {
      return JSON.readValue(Files.readAllBytes(file), Segments.class);
    } catch (JacksonException e) {
      throw new JournalException(
          file
              + " is damaged: the disk fails, or somebody has edited it. Restore it, or remove the"
              + " directory "
              + directory
              + " to ask all its questions again; then run the same command again.");
    }
  }

  /**
   * Puts the list in its place.
   *
   * @throws Store.SupersededException if another attempt has taken the work over
   */
  void keep(Store.Work work) throws IOException {
    Path draft = work.draft(FILE);
    Files.write(draft, JSON.writeValueAsBytes(this));
    Disk.force(draft);
    work.keep(FILE);
  }
}
