package dev.inkling.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.hub.Fault;
import dev.inkling.hub.Seen;
import dev.inkling.model.weights.Description;
import dev.inkling.stage.StopRequestedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A model comes into the cache, whatever the way does to it. */
class DownloadTest extends AtTheHub {
  private static final String WEIGHTS = "GET /lfs/";

  private Path part() throws Exception {
    try (var files = Files.list(repository().resolve("blobs"))) {
      return files.filter(f -> f.toString().endsWith(".incomplete")).findFirst().orElseThrow();
    }
  }

  private List<String> ranges() {
    return asked("GET", "/lfs/").stream().map(Seen::range).toList();
  }

  private static HubException thrown(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return (HubException) org.assertj.core.api.Assertions.catchThrowable(call);
  }

  @Test
  void whatIsNeededLiesInTheCacheAsOtherClientsLayItOut() throws Exception {
    Path snapshot = download();

    assertThat(snapshot).isEqualTo(repository().resolve("snapshots").resolve(commit));
    try (var files = Files.list(snapshot)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", "tokenizer.json", "model.safetensors");
    }
    assertThat(Files.readAllBytes(snapshot.resolve("model.safetensors"))).isEqualTo(weights);
    var head = model.head().files();
    for (String name : List.of("config.json", "model.safetensors")) {
      String etag = head.get(name).large() ? head.get(name).sha256() : head.get(name).blob();
      assertThat(Files.readSymbolicLink(snapshot.resolve(name)))
          .isEqualTo(Path.of("../../blobs/" + etag));
    }
    assertThat(repository().resolve("refs/main")).hasContent(commit);
    assertThat(
            new ObjectMapper()
                .readTree(repository().resolve("trees/" + commit + ".json").toFile())
                .at("/files/model.safetensors/lfs_sha256")
                .asText())
        .isEqualTo(head.get("model.safetensors").sha256());
    assertThat(everythingIn(repository().resolve("blobs")))
        .noneMatch(f -> f.contains("incomplete"));
    assertThat(notes.done.getLast()).isEqualTo(notes.total).isGreaterThan(weights.length);
  }

  @Test
  void everythingThatDecidesAnswersComes() throws Exception {
    for (String name : Description.DECISIVE) {
      commit = model.add(name, "{\"a\": \"" + name + "\"}");
    }
    model.add("vocab.json", "{}");

    assertThat(everythingIn(download()))
        .hasSize(Description.DECISIVE.size() + 1)
        .anyMatch(f -> f.endsWith("/chat_template.json"));
  }

  private static List<String> everythingIn(Path directory) throws Exception {
    try (var files = Files.list(directory)) {
      return files.map(Path::toString).toList();
    }
  }

  @Test
  void whatIsThereIsNotAskedForAgain() throws Exception {
    download();
    int before = server.seen().size();

    try (Hub hub = hub()) {
      hub.snapshot(ID, commit, notes);
      assertThat(hub.commit(ID.at(commit), notes)).isEqualTo(commit);
    }
    assertThat(server.seen()).hasSize(before);
  }

  @Test
  void shardsComeAsTheIndexNamesThem() throws Exception {
    model.addLarge("model-00001-of-00002.safetensors", bytes(5000));
    model.addLarge("model-00002-of-00002.safetensors", bytes(6000));
    model.addLarge("consolidated.safetensors", bytes(7000));
    model.add(
        "model.safetensors.index.json",
        "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\", \"b\": \"model-00002-of-00002.safetensors\"}}");

    assertThat(everythingIn(download()))
        .hasSize(5)
        .noneMatch(f -> f.contains("consolidated") || f.endsWith("/model.safetensors"));
  }

  @Test
  void aConnectionThatEndsGoesOnWhereItWas() throws Exception {
    server.on(WEIGHTS, new Fault.DropAfter(1_000_000), new Fault.DropAfter(500_000));

    Path snapshot = download();

    assertThat(Files.readAllBytes(snapshot.resolve("model.safetensors"))).isEqualTo(weights);
    // How much of it came through before the end is up to the sockets.
    assertThat(ranges()).hasSize(3).first().isEqualTo("");
    assertThat(begin(1)).isBetween(1L, 1_000_000L);
    assertThat(begin(2)).isBetween(begin(1) + 1, 1_500_000L);
  }

  private long begin(int request) {
    return Long.parseLong(ranges().get(request).replaceAll("bytes=(\\d+)-", "$1"));
  }

  @Test
  void aServerThatCannotSendPartsSendsTheWhole() throws Exception {
    server.on(WEIGHTS, new Fault.DropAfter(1_000_000), new Fault.IgnoresRange());

    Path snapshot = download();

    assertThat(Files.readAllBytes(snapshot.resolve("model.safetensors"))).isEqualTo(weights);
    assertThat(ranges()).hasSize(2);
  }

  @Test
  void aSilentConnectionIsGivenUpAndGoesOn() throws Exception {
    Fault.Holds silence = new Fault.Holds(1_000_000);
    server.on(WEIGHTS, silence);
    Retries impatient =
        new Retries(3, QUICK.first(), QUICK.longest(), java.time.Duration.ofMillis(1200));

    try (Hub hub = new Hub(settings(), impatient)) {
      hub.snapshot(ID, commit, notes);
    } finally {
      silence.goOn().countDown();
    }
    assertThat(begin(1)).isEqualTo(1_000_000);
  }

  @Test
  void busyAndBrokenServersAreAskedAgainWhenTheySay() throws Exception {
    server.on(
        "/api/models",
        new Fault.Says(429, Map.of("Retry-After", "1"), ""),
        new Fault.Says(503),
        new Fault.Says(200, Map.of(), "<html>maintenance</html>"));
    server.on(
        "/resolve/" + commit + "/model.safetensors",
        new Fault.Says(500),
        new Fault.Says(429, Map.of("RateLimit", "\"resolvers\";r=0;t=1"), ""));
    long began = System.nanoTime();

    Path snapshot = download();

    assertThat(System.nanoTime() - began).isGreaterThan(TimeUnit.SECONDS.toNanos(2));
    assertThat(Files.readAllBytes(snapshot.resolve("model.safetensors"))).isEqualTo(weights);
  }

  @Test
  void aSignedAddressThatHasRunOutIsAskedForAnew() throws Exception {
    server.on(WEIGHTS, new Fault.Says(403, Map.of(), "<Error>Request has expired</Error>"));

    download();

    assertThat(asked("GET", "/resolve/" + commit + "/model.safetensors")).hasSize(2);
  }

  @Test
  void aHubThatStaysAwayIsSaidToBe() {
    server.on(
        "/api/models",
        new Fault.Says(502),
        new Fault.Says(502),
        new Fault.Says(502),
        new Fault.Says(502));

    HubException e = thrown(this::download);

    assertThat(e.reason()).isEqualTo(HubException.Reason.UNAVAILABLE);
    assertThat(e).hasMessageContaining("answered 502").hasMessageContaining("try again later");
    assertThat(asked("GET", "/api/models")).hasSize(4);
  }

  @Test
  void wrongBytesAreFetchedOnceMore() throws Exception {
    server.on(WEIGHTS, new Fault.WrongByte());

    Path snapshot = download();

    assertThat(Files.readAllBytes(snapshot.resolve("model.safetensors"))).isEqualTo(weights);
    assertThat(ranges()).containsExactly("", "");
    assertThat(notes.texts).anyMatch(t -> t.contains("model.safetensors came with wrong bytes"));
  }

  @Test
  void bytesThatAreWrongTwiceAreRefusedAndRemoved() throws Exception {
    server.on(WEIGHTS, new Fault.WrongByte(), new Fault.WrongByte());

    HubException e = thrown(this::download);

    assertThat(e.reason()).isEqualTo(HubException.Reason.DAMAGED);
    assertThat(e).hasMessageContaining("model.safetensors of hf:owner/tiny@" + commit);
    assertThat(everythingIn(repository().resolve("blobs"))).hasSize(2);
    assertThat(repository().resolve("snapshots/" + commit + "/model.safetensors")).doesNotExist();
  }

  @Test
  void aSmallFileIsComparedAsGitHashesIt() {
    server.on(
        "/resolve/" + commit + "/tokenizer.json", new Fault.WrongByte(), new Fault.WrongByte());

    assertThat(thrown(this::download)).hasMessageContaining("tokenizer.json of hf:owner/tiny");
  }

  @Test
  void aPartOfAnotherDownloadWithWrongBytesDoesNoHarm() throws Exception {
    Path blobs = Files.createDirectories(repository().resolve("blobs"));
    String name = model.head().files().get("model.safetensors").sha256() + ".inkling.incomplete";
    Files.write(blobs.resolve(name), new byte[1_000_000]);

    Path snapshot = download();

    assertThat(Files.readAllBytes(snapshot.resolve("model.safetensors"))).isEqualTo(weights);
    assertThat(ranges()).containsExactly("bytes=1000000-", "");
  }

  @Test
  void aStoppedDownloadKeepsWhatItHas() throws Exception {
    Fault.Holds held = new Fault.Holds(2_000_000);
    server.on(WEIGHTS, held);
    StopRequestedException stop = new StopRequestedException(new IllegalStateException("paused"));
    Notes impatient = new Notes();
    try (Hub hub = hub()) {
      assertThatThrownBy(
              () ->
                  hub.snapshot(
                      ID,
                      commit,
                      new dev.inkling.stage.Monitor() {
                        @Override
                        public void progress(
                            long done, long total, String unit, Optional<Double> loss) {
                          if (done >= 2_000_000) {
                            throw stop;
                          }
                        }

                        @Override
                        public void note(String text) {
                          impatient.note(text);
                        }
                      }))
          .isSameAs(stop);
    } finally {
      held.goOn().countDown();
    }
    assertThat(part()).hasSize(2_000_000);

    download();
    assertThat(ranges()).containsExactly("", "bytes=2000000-");
  }

  @Test
  void aBlobThatWasCutShortIsFetchedAgain() throws Exception {
    Path file = download().resolve("model.safetensors").toRealPath();
    Files.write(file, new byte[10]);

    assertThat(Files.readAllBytes(download().resolve("model.safetensors"))).isEqualTo(weights);
  }

  @Test
  void aFileThatTheDiskHasNoRoomForIsRefusedBeforeItComes() throws Exception {
    String list =
        """
        {"sha": "%s", "siblings": [{"rfilename": "model.safetensors", "size": 1000000000000000,
         "blobId": "%s", "lfs": {"sha256": "%s"}}]}
        """
            .formatted(commit, "a".repeat(40), "b".repeat(64));
    server.on("/api/models", new Fault.Says(200, Map.of(), list));

    HubException e =
        thrown(
            () -> {
              try (Hub hub = hub()) {
                hub.snapshot(ID, commit, notes);
              }
            });

    assertThat(e.reason()).isEqualTo(HubException.Reason.DISK);
    assertThat(e).hasMessageContaining("needs 1000000.0 GB more").hasMessageContaining("HF_HOME");
  }

  @Test
  void aDiskThatFillsUpMeanwhileIsNamed() throws Exception {
    Path blobs = Files.createDirectories(repository().resolve("blobs"));
    String name = model.head().files().get("model.safetensors").sha256() + ".inkling.incomplete";
    // A device that is always full.
    Files.createSymbolicLink(blobs.resolve(name), Path.of("/dev/full"));

    HubException e = thrown(this::download);

    assertThat(e.reason()).isEqualTo(HubException.Reason.DISK);
    assertThat(e)
        .hasMessageContaining("The disk that holds " + directory.resolve("hf/hub") + " is full")
        .hasMessageContaining("What was downloaded is kept");
    assertThat(ranges()).hasSize(1);
  }

  @Test
  void weightsInOtherFormsOnlyAreRefused() {
    server.repository("owner/old").addLarge("pytorch_model.bin", bytes(100));
    ModelId.OnHub old = new ModelId.OnHub("owner/old", "main");

    HubException e =
        thrown(
            () -> {
              try (Hub hub = hub()) {
                hub.snapshot(old, hub.commit(old, notes), notes);
              }
            });

    assertThat(e)
        .hasMessageContaining("no weights as .safetensors")
        .hasMessageContaining("save_pretrained");
  }

  @Test
  void anIndexThatLeadsElsewhereIsRefused() {
    model.add("model.safetensors.index.json", "{\"weight_map\": {\"a\": \"../../x.safetensors\"}}");

    assertThat(thrown(this::download))
        .hasMessageContaining("names something else than files beside it");
  }

  @Test
  void aRepositoryThatWasRenamedIsFollowed() throws Exception {
    model.movedFrom("former/name");
    ModelId.OnHub former = new ModelId.OnHub("former/name", "main");

    try (Hub hub = hub()) {
      Path snapshot = hub.snapshot(former, hub.commit(former, notes), notes);
      assertThat(Files.readAllBytes(snapshot.resolve("model.safetensors"))).isEqualTo(weights);
    }
  }

  @Test
  void anAdapterIsAModelToo() throws Exception {
    var adapter = server.repository("owner/adapter");
    adapter.add("adapter_config.json", "{}");
    adapter.addLarge("adapter_model.safetensors", bytes(500));
    ModelId.OnHub id = new ModelId.OnHub("owner/adapter", "main");

    try (Hub hub = hub()) {
      assertThat(everythingIn(hub.snapshot(id, hub.commit(id, notes), notes))).hasSize(2);
    }
  }
}
