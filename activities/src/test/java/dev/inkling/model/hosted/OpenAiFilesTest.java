package dev.inkling.model.hosted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.hosted.OpenAiFiles.Purpose;
import dev.inkling.plan.Keys;
import dev.inkling.provider.FakeProcess;
import dev.inkling.provider.Fault;
import dev.inkling.spec.HostedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files at a provider in another process, through the real client. */
@Timeout(60)
class OpenAiFilesTest {
  private static final String UPLOAD = "POST /v1/files";
  private static final String CONTENT = "GET /v1/files/{id}/content";

  @TempDir Path directory;
  private FakeProcess provider;
  private Providers providers;
  private OpenAiFiles files;
  private Path rows;

  @BeforeEach
  void start() throws Exception {
    provider = new FakeProcess(directory.resolve("ledger.jsonl"));
    providers = new Providers(Clock.systemUTC(), Duration.ofSeconds(3));
    OpenAiConnection connection =
        (OpenAiConnection)
            providers.connection(
                HostedModel.of(HostedModel.Provider.OPENAI, "gpt-fake"),
                Credentials.of(
                    Map.of("OPENAI_API_KEY", "a", "OPENAI_BASE_URL", provider.openAiUrl())));
    files = connection.files();
    rows = Files.writeString(directory.resolve("rows.jsonl"), "{\"löwe\": \"🦉\"}\r\n--x\r\n");
  }

  @AfterEach
  void stop() throws Exception {
    providers.close();
    provider.close();
  }

  private List<JsonNode> uploads() throws Exception {
    return provider.effects("file");
  }

  @Test
  void whatIsUploadedUnderOurNameComesBackByteForByte() throws Exception {
    provider.behave("{\"filing\": {\"processMs\": 3000}}");
    StoredFile uploaded = files.upload(rows, "inkling-1.jsonl", Purpose.FINE_TUNE);
    assertThat(uploaded.status()).isEqualTo(StoredFile.Status.UPLOADED);
    assertThat(uploaded.bytes()).isEqualTo(Files.size(rows));
    assertThat(uploads()).hasSize(1);
    assertThat(uploads().getFirst().get("name").asText()).isEqualTo("inkling-1.jsonl");
    assertThat(uploads().getFirst().get("sha256").asText())
        .isEqualTo(Keys.sha256(Files.readAllBytes(rows)));
    assertThat(Files.readString(directory.resolve("ledger.jsonl"))).contains(uploaded.id());

    StoredFile.Status status = StoredFile.Status.UPLOADED;
    while (status == StoredFile.Status.UPLOADED) {
      Thread.sleep(100);
      status = files.status(uploaded.id()).orElseThrow().status();
    }
    assertThat(status).isEqualTo(StoredFile.Status.PROCESSED);
    Path back = directory.resolve("back");
    assertThat(files.content(uploaded.id(), back)).isTrue();
    assertThat(back).hasSameBinaryContentAs(rows);
  }

  @Test
  void aFileIsFoundByNameAndPurposeOnEveryPage() throws Exception {
    List<String> ids =
        IntStream.range(0, 8).mapToObj(i -> upload("inkling-" + i + ".jsonl").id()).toList();
    for (int i = 0; i < ids.size(); i++) {
      assertThat(files.find("inkling-" + i + ".jsonl", Purpose.FINE_TUNE).orElseThrow().id())
          .isEqualTo(ids.get(i));
    }
    assertThat(files.find("inkling-0.jsonl", Purpose.BATCH)).isEmpty();
    assertThat(files.find("inkling-8.jsonl", Purpose.FINE_TUNE)).isEmpty();
    assertThat(files.find("inkling-7.jsonl", Purpose.FINE_TUNE).orElseThrow().id())
        .isEqualTo(ids.getLast());
    String second = upload("inkling-0.jsonl").id();
    assertThat(files.find("inkling-0.jsonl", Purpose.FINE_TUNE).orElseThrow().id())
        .isEqualTo(second);
  }

  private StoredFile upload(String name) {
    try {
      return files.upload(rows, name, Purpose.FINE_TUNE);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aLostAnswerLeavesTheFileThereAndARefusedOneDoesNot() throws Exception {
    for (Fault fault : List.of(Fault.RESET_AFTER, Fault.HALF, Fault.MALFORMED)) {
      assertThat(failure(UPLOAD, fault).reason()).as(fault.word()).isEqualTo(Reason.UNAVAILABLE);
    }
    assertThat(uploads()).hasSize(3);
    for (Fault fault : List.of(Fault.RESET_BEFORE, Fault.ERROR_500, Fault.WEB_PAGE)) {
      assertThat(failure(UPLOAD, fault).reason()).as(fault.word()).isEqualTo(Reason.UNAVAILABLE);
    }
    assertThat(failure(UPLOAD, Fault.RATE_LIMIT).retryAfter()).contains(Duration.ofSeconds(2));
    assertThat(failure(UPLOAD, Fault.BAD_REQUEST).reason()).isEqualTo(Reason.REFUSED);
    assertThat(uploads()).hasSize(3);
  }

  private ModelException failure(String route, Fault fault) throws Exception {
    provider.on(route, fault);
    ModelException failure =
        catchThrowableOfType(
            ModelException.class, () -> files.upload(rows, "lost.jsonl", Purpose.BATCH));
    assertThat(failure).as(fault.word()).isNotNull();
    return failure;
  }

  @Test
  void aFileThatCannotBeProcessedSaysWhyAndOneThatIsGoneIsGone() throws Exception {
    provider.behave("{\"filing\": {\"error\": \"Line 3 is no JSON\"}}");
    StoredFile broken = files.upload(rows, "broken.jsonl", Purpose.FINE_TUNE);
    assertThat(files.status(broken.id()).orElseThrow().status()).isEqualTo(StoredFile.Status.ERROR);
    assertThat(files.status(broken.id()).orElseThrow().details()).contains("Line 3 is no JSON");
    assertThat(files.status("file-none")).isEmpty();
    assertThat(files.content("file-none", directory.resolve("none"))).isFalse();
  }

  @Test
  void halfOfAContentIsTheProvidersFaultAndNotTheStores() throws Exception {
    String id = upload("inkling.jsonl").id();
    provider.on(CONTENT, Fault.HALF);
    assertThatThrownBy(() -> files.content(id, directory.resolve("half")))
        .isInstanceOfSatisfying(
            ModelException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAVAILABLE));
    assertThat(files.content(id, directory.resolve("half"))).isTrue();
    assertThat(directory.resolve("half")).hasSameBinaryContentAs(rows);
  }
}
