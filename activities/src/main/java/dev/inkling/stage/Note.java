package dev.inkling.stage;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.inkling.artifact.Disk;
import dev.inkling.artifact.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a stage must know after a crash, as JSON beside its work: whole or as it was before, and on
 * the disk when {@link #write} returns.
 *
 * @param <T> a record
 */
public final class Note<T> {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private final Store.Work work;
  private final String name;
  private final Class<T> type;

  /** The note in a file of that name. */
  public Note(Store.Work work, String name, Class<T> type) {
    this.work = work;
    this.name = name;
    this.type = type;
  }

  /** What was written last, by whatever attempt. */
  public Optional<T> read() throws IOException {
    Path file = work.scratch().resolve(name);
    return Files.exists(file) ? Optional.of(read(file, type)) : Optional.empty();
  }

  /** What another stage has written. */
  public static <T> T read(Path file, Class<T> type) throws IOException {
    return JSON.readValue(Files.readAllBytes(file), type);
  }

  /**
   * Takes the place of what was written before.
   *
   * @throws Store.SupersededException if another attempt has taken the work over
   */
  public void write(T value) throws IOException {
    Path draft = work.draft(name);
    Files.createDirectories(draft.getParent());
    Disk.replace(draft, JSON.writeValueAsBytes(value));
    work.keep(name);
  }
}
