package dev.inkling.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.hub.FakeHub;
import dev.inkling.hub.Fault;
import dev.inkling.hub.Repository;
import dev.inkling.hub.Seen;
import dev.inkling.model.hub.HubException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An adapter goes to the Hub: one commit, however often it is tried. */
class PushTest extends AtTheHub {
  private static final String STUDENT = "owner/student";
  private static final String CONFIG =
      "{\"base_model_name_or_path\": \"owner/tiny\", \"revision\": \"" + "c".repeat(40) + "\"}";

  private final byte[] adapter = bytes(700_000);
  private Path made = Path.of("");

  @BeforeEach
  void writeAdapter() throws IOException {
    made = Files.createDirectories(directory.resolve("adapter"));
    Files.writeString(made.resolve("adapter_config.json"), CONFIG);
    Files.write(made.resolve("adapter_model.safetensors"), adapter);
    Files.writeString(made.resolve("training.log"), "not for the world");
  }

  static ModelCard card(Path adapter) throws IOException {
    return new ModelCard(
        "student",
        ModelCard.Base.of(
            new ObjectMapper().readTree(adapter.resolve("adapter_config.json").toFile())),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of());
  }

  private Pushed push(boolean open, String... environment) throws Exception {
    try (Hub hub = hub(environment.length == 0 ? withToken() : environment)) {
      return hub.push(made, card(made), STUDENT, open, notes);
    }
  }

  private static String[] withToken() {
    return new String[] {"HF_TOKEN", FakeHub.TOKEN};
  }

  private HubException refused(boolean open, String... environment) {
    return (HubException) catchThrowable(() -> push(open, environment));
  }

  private Repository student() {
    return server.find(STUDENT).orElseThrow();
  }

  private List<String> summaries() {
    return student().commits().stream().map(Repository.Commit::summary).toList();
  }

  @Test
  void anAdapterAndItsCardAreOneCommitOfAPrivateRepository() throws Exception {
    Pushed pushed = push(false);

    assertThat(summaries()).containsExactly("initial commit", "Upload an adapter with Inkling");
    var files = student().head().files();
    assertThat(files)
        .containsOnlyKeys("README.md", "adapter_config.json", "adapter_model.safetensors");
    assertThat(files.get("adapter_model.safetensors").bytes()).isEqualTo(adapter);
    assertThat(files.get("adapter_model.safetensors").large()).isTrue();
    assertThat(new String(files.get("README.md").bytes(), StandardCharsets.UTF_8))
        .startsWith("---\nbase_model: \"owner/tiny\"\n")
        .contains("at commit " + "c".repeat(40));
    assertThat(pushed)
        .isEqualTo(
            new Pushed(
                STUDENT,
                student().head().id(),
                server.endpoint().resolve("/" + STUDENT),
                true,
                true));
    assertThat(server.seen())
        .filteredOn(s -> s.where().equals("storage"))
        .extracting(Seen::method, Seen::token)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("PUT", ""));
    assertThat(notes.done.getLast()).isEqualTo(notes.total).isEqualTo(adapter.length);
  }

  @Test
  void theSameAgainChangesNothing() throws Exception {
    Pushed first = push(false);

    Pushed second = push(false);

    assertThat(second.made()).isFalse();
    assertThat(second.commit()).isEqualTo(first.commit());
    assertThat(student().commits()).hasSize(2);
    assertThat(asked("PUT", "/upload/")).hasSize(1);
  }

  @Test
  void whatHasChangedAloneIsPushed() throws Exception {
    push(false);
    Files.writeString(made.resolve("adapter_config.json"), CONFIG.replace("cc", "dd"));

    push(false);

    assertThat(student().commits()).hasSize(3);
    assertThat(asked("PUT", "/upload/")).hasSize(1);
  }

  @Test
  void publicIsSaidAloud() throws Exception {
    assertThat(push(true).isPrivate()).isFalse();
    assertThat(asked("POST", "/api/repos/create")).hasSize(1);

    Files.writeString(made.resolve("adapter_config.json"), "{\"other\": 1}");
    HubException e = refused(false);

    assertThat(e.reason()).isEqualTo(Reason.REFUSED);
    assertThat(e)
        .hasMessageContaining("is public, and this was to be private")
        .hasMessageContaining("--public");
    assertThat(student().commits()).hasSize(2);
  }

  @Test
  void aCommitWhoseAnswerIsLostIsNotMadeTwice() throws Exception {
    server.on("/commit/main", new Fault.AnswerLost());

    Pushed pushed = push(false);

    assertThat(pushed.commit()).isEqualTo(student().head().id());
    assertThat(pushed.made()).isTrue();
    assertThat(student().commits()).hasSize(2);
    assertThat(asked("POST", "/commit/main")).hasSize(1);
  }

  @Test
  void aCommitThatWasNotMadeIsMadeThen() throws Exception {
    server.on("/commit/main", new Fault.Says(500), new Fault.Says(503));

    push(false);

    assertThat(student().commits()).hasSize(2);
    assertThat(asked("POST", "/commit/main")).hasSize(3);
    assertThat(asked("PUT", "/upload/")).hasSize(1);
  }

  @Test
  void anotherCommitInBetweenIsRespected() throws Exception {
    server.repository(STUDENT).hide();
    Fault.Holds held = new Fault.Holds(0);
    server.on("/commit/main", held);
    try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      var pushing = threads.submit(() -> push(false));
      assertThat(held.reached().await(30, TimeUnit.SECONDS)).isTrue();
      student().add("notes.md", "by somebody else");
      held.goOn().countDown();
      pushing.get();
    }
    assertThat(summaries())
        .containsExactly("initial commit", "add notes.md", "Upload an adapter with Inkling");
    assertThat(student().head().files()).containsKeys("notes.md", "adapter_model.safetensors");
  }

  @Test
  void twoPushesOfTheSameAtOnceAreOneCommit() throws Exception {
    Fault.Holds held = new Fault.Holds(0);
    server.on("/commit/main", held);
    try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      var slow = threads.submit(() -> push(false));
      assertThat(held.reached().await(30, TimeUnit.SECONDS)).isTrue();
      try (Hub hub = hub(withToken())) {
        assertThat(hub.push(made, card(made), STUDENT, false, new Notes()).made()).isTrue();
      }
      held.goOn().countDown();

      assertThat(slow.get().made()).isFalse();
      assertThat(slow.get().commit()).isEqualTo(student().head().id());
    }
    assertThat(student().commits()).hasSize(2);
  }

  @Test
  void anUploadThatBreaksOffIsSentAgain() throws Exception {
    server.on("PUT /upload/", new Fault.Says(500), new Fault.AnswerLost());

    push(false);

    assertThat(student().head().files().get("adapter_model.safetensors").bytes())
        .isEqualTo(adapter);
    assertThat(asked("PUT", "/upload/")).hasSize(3);
    assertThat(notes.done.getLast()).isEqualTo(adapter.length);
  }

  @Test
  void aVeryLargeFileGoesInParts() throws Exception {
    server.partsOf(300_000);

    push(false);

    assertThat(asked("PUT", "/part/"))
        .extracting(Seen::bytes)
        .containsExactly(300_000L, 300_000L, 100_000L);
    assertThat(student().head().files().get("adapter_model.safetensors").bytes())
        .isEqualTo(adapter);
  }

  @Test
  void aRepositoryWhoseMakingWasNotConfirmedIsUsed() throws Exception {
    server.on("/api/repos/create", new Fault.AnswerLost());

    assertThat(push(false).isPrivate()).isTrue();
    assertThat(asked("POST", "/api/repos/create")).hasSize(2);
  }

  @Test
  void whoMayNotWriteIsToldWhatToDo() {
    HubException without = refused(false, "X", "");
    assertThat(without.reason()).isEqualTo(Reason.NO_ACCESS);
    assertThat(without)
        .hasMessageContaining("set HF_TOKEN")
        .hasMessageContaining("/settings/tokens");
    assertThat(server.seen()).isEmpty();

    HubException other = refused(false, "HF_TOKEN", FakeHub.OTHER_TOKEN);
    assertThat(other.reason()).isEqualTo(Reason.NO_ACCESS);
    assertThat(other).hasMessageContaining("You don't have the rights to do this");

    assertThat(refused(false, "HF_TOKEN", FakeHub.TOKEN, "HF_HUB_OFFLINE", "1"))
        .hasMessageContaining("HF_HUB_OFFLINE is set");
  }

  @Test
  void aDirectoryWithoutAnAdapterIsNamed() throws Exception {
    Files.delete(made.resolve("adapter_model.safetensors"));

    assertThat(refused(false)).hasMessageContaining("there is no adapter_model.safetensors in it");
    assertThat(server.seen()).isEmpty();
  }

  /** A process that pushes. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws Exception {
      Path adapter = Path.of(arguments[0]);
      try (Hub hub = new Hub(HubSettings.of(n -> Optional.ofNullable(System.getenv(n))))) {
        hub.push(adapter, card(adapter), STUDENT, false, dev.inkling.stage.Monitor.silent());
      }
    }
  }

  private Process child() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                made.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("said.txt").toFile());
    builder.environment().putAll(environment(withToken()));
    return builder.start();
  }

  @Test
  void aPushThatIsKilledAnywhereIsOneCommitInTheEnd() throws Exception {
    List<String> moments =
        List.of("/api/repos/create", "/objects/batch", "PUT /upload/", "/commit/main");
    for (String moment : moments) {
      Fault.Holds held = new Fault.Holds(1000);
      server.on(moment, held);
      Process process = child();
      assertThat(held.reached().await(30, TimeUnit.SECONDS)).as(moment).isTrue();
      process.toHandle().destroyForcibly(); // SIGKILL
      process.waitFor();
      held.goOn().countDown();
    }
    Process last = child();

    assertThat(last.waitFor()).as(Files.readString(directory.resolve("said.txt"))).isZero();
    assertThat(summaries()).containsExactly("initial commit", "Upload an adapter with Inkling");
    assertThat(student().head().files().get("adapter_model.safetensors").bytes())
        .isEqualTo(adapter);
    assertThat(everythingWritten()).contains("not for the world").doesNotContain(FakeHub.TOKEN);
  }
}
