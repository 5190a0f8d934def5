package dev.inkling.model.hosted;

import com.openai.core.MultipartField;
import com.openai.core.RequestOptions;
import com.openai.core.http.HttpResponse;
import com.openai.errors.OpenAIIoException;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileListParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.services.blocking.FileService;
import dev.inkling.model.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Files at OpenAI, or at a server that keeps files as it does. */
final class OpenAiFiles {
  /** What a training file or a batch's requests are uploaded for. */
  enum Purpose {
    FINE_TUNE,
    BATCH;

    private FilePurpose theirs() {
      return switch (this) {
        case FINE_TUNE -> FilePurpose.FINE_TUNE;
        case BATCH -> FilePurpose.BATCH;
      };
    }
  }

  /** The largest page of the list that OpenAI gives. */
  private static final long PAGE = 10_000;

  /** Half a gigabyte, the most that is taken, at 1 MB/s. */
  private static final Duration TRANSFER = Duration.ofMinutes(10);

  private final FileService files;
  private final OpenAiCalls calls;

  OpenAiFiles(FileService files, OpenAiCalls calls) {
    this.files = files;
    this.calls = calls;
  }

  /**
   * Uploads a file; uploaded twice, it is there twice.
   *
   * @param name what it is called there
   * @throws IOException if our file cannot be read
   */
  StoredFile upload(Path file, String name, Purpose purpose)
      throws ModelException, IOException, InterruptedException {
    try (InputStream content = Files.newInputStream(file)) {
      return upload(content, name, purpose);
    }
  }

  /** Uploads what stands in no file of ours. */
  StoredFile upload(InputStream content, String name, Purpose purpose)
      throws ModelException, InterruptedException {
    FileCreateParams params =
        FileCreateParams.builder()
            .file(
                MultipartField.<InputStream>builder()
                    .value(content)
                    .filename(name)
                    .contentType("application/jsonl")
                    .build())
            .purpose(purpose.theirs())
            .build();
    return calls.call(() -> stored(files.create(params, transfer())));
  }

  /** The file of that name, on whatever page of the list it stands; the newest of several. */
  Optional<StoredFile> find(String name, Purpose purpose)
      throws ModelException, InterruptedException {
    FileListParams params =
        FileListParams.builder()
            .purpose(purpose.theirs().asString())
            .limit(PAGE)
            .order(FileListParams.Order.DESC)
            .build();
    return calls.call(
        () ->
            files.list(params).autoPager().stream()
                .filter(file -> file.filename().equals(name))
                .findFirst()
                .map(OpenAiFiles::stored));
  }

  /** The file of that id; empty if there is none any more. */
  Optional<StoredFile> status(String id) throws ModelException, InterruptedException {
    return calls.find(() -> stored(files.retrieve(id)));
  }

  /** Writes a file's content to a path; false if the provider does not have it any more. */
  boolean content(String id, Path to) throws ModelException, IOException, InterruptedException {
    try {
      return calls
          .find(
              () -> {
                try (HttpResponse response = files.content(id, transfer())) {
                  Download.copy(
                      response.body(), to, e -> new OpenAIIoException("the file broke off", e));
                  return id;
                }
              })
          .isPresent();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static RequestOptions transfer() {
    return RequestOptions.builder().timeout(TRANSFER).build();
  }

  // The status is called deprecated, with nothing in its place.
  @SuppressWarnings("deprecation")
  private static StoredFile stored(FileObject file) {
    return new StoredFile(
        file.id(),
        file.filename(),
        file.bytes(),
        StoredFile.Status.of(file.status().asString()),
        file.statusDetails());
  }
}
