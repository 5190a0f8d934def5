package dev.inkling.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.activity.TinyPlan;
import dev.inkling.journal.Journal;
import dev.inkling.plan.Plan;
import dev.inkling.row.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two machines, each with a home of its own, and one bucket. */
class S3StoreTest {
  private static final String KEY = StoreContract.KEY;
  private static BucketServer server;

  @TempDir Path first;
  @TempDir Path second;

  @BeforeAll
  static void start() throws Exception {
    server = new BucketServer();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void empty() {
    server.empty();
  }

  private static S3Store at(Path home) {
    return at(home, new Sightings());
  }

  private static S3Store at(Path home, Sightings seen) {
    return new S3Store(
        server.connection(), home, Clock.systemUTC(), Map.of("inkling", "test"), seen);
  }

  /** Another owner has seen the claim unchanged for longer than it may be. */
  private static Store.Work takenOver(Path home, String owner) {
    AtomicLong now = new AtomicLong();
    S3Store waiting = at(home, new Sightings(() -> now.addAndGet(Claim.STALE.toNanos())));
    assertThat(waiting.claim(KEY, owner)).isEmpty();
    return waiting.claim(KEY, owner).orElseThrow();
  }

  /** As training keeps what it saves now and then. */
  private static void checkpoint(Store.Work work, byte[] bytes) throws IOException {
    Files.write(work.draft("checkpoint"), bytes);
    Disk.force(work.draft("checkpoint"));
    work.checkpoint("checkpoint");
  }

  private static void keep(Store.Work work, String name, byte[] bytes) throws IOException {
    Files.write(work.draft(name), bytes);
    Disk.force(work.draft(name));
    work.keep(name);
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static Artifact publish(Store.Work work, String text) throws IOException {
    Files.writeString(work.output().resolve("data.txt"), text);
    return work.publish(StoreContract.IDENTITY, "name", "summary", 1);
  }

  private static List<String> objects(String beginning) {
    return server.bucket().list(beginning).stream().map(Bucket.Listed::name).toList();
  }

  @Test
  void whatOneMachinePublishesTheOtherFinds() throws IOException {
    Artifact made = StoreContract.publish(at(first), "hello");
    Artifact found = at(second).find(KEY).orElseThrow();

    assertThat(found.manifest()).isEqualTo(made.manifest());
    assertThat(found.directory()).startsWith(second);
    assertThat(found.file("data.txt")).hasContent("hello");
    assertThat(found.file("figures/a.svg")).hasContent("<svg/>");
    assertThat(at(second).list()).containsExactly(made.manifest());
    assertThat(objects("work/")).isEmpty();
    assertThat(Disk.entries(second.resolve("incoming"))).isEmpty();
  }

  @Test
  void aCopyThatIsHereIsUsedAgainAndADamagedOneIsFetchedAnew() throws IOException {
    StoreContract.publish(at(first), "hello");
    Path copy = at(second).find(KEY).orElseThrow().file("data.txt");
    server.forgetAsked();
    assertThat(at(second).find(KEY)).isPresent();
    assertThat(server.asked()).hasSize(1);

    Files.writeString(copy, "hellp");
    assertThat(at(second).find(KEY).orElseThrow().file("data.txt")).hasContent("hello");
  }

  @Test
  void anotherOwnerOnAnotherMachineWaitsUntilTheClaimIsGivenBackOrStale() {
    Store.Work held = at(first).claim(KEY, "me").orElseThrow();
    assertThat(at(second).claim(KEY, "you")).isEmpty();
    held.close();
    try (Store.Work now = at(second).claim(KEY, "you").orElseThrow()) {
      assertThat(now.attempt()).isEqualTo(2);
      assertThat(takenOver(first, "me").attempt()).isEqualTo(3);
    }
  }

  @Test
  void aZombieCanNeitherKeepNorPublishNorRenewAndWhatItSendsIsReadByNobody() throws IOException {
    Store.Work zombie = at(first).claim(KEY, "me").orElseThrow();
    keep(zombie, "checkpoint", bytes(1000));
    Store.Work other = takenOver(second, "you");
    assertThat(other.scratch().resolve("checkpoint")).hasBinaryContent(bytes(1000));

    assertThatThrownBy(zombie::renew).isInstanceOf(Store.SupersededException.class);
    assertThatThrownBy(() -> keep(zombie, "checkpoint", bytes(999)))
        .isInstanceOf(Store.SupersededException.class);
    assertThatThrownBy(() -> publish(zombie, "the zombie's"))
        .isInstanceOf(Store.SupersededException.class);
    zombie.close();
    assertThat(at(second).published(KEY)).isEmpty();

    other.close();
    try (Store.Work third = at(first).claim(KEY, "me").orElseThrow()) {
      assertThat(third.scratch().resolve("checkpoint")).hasBinaryContent(bytes(1000));
      publish(third, "right");
    }
    assertThat(at(second).find(KEY).orElseThrow().file("data.txt")).hasContent("right");
    assertThat(objects("work/")).isEmpty();
  }

  @Test
  void aCheckpointOfManySlicesGoesToTheOtherMachineByteByByte() throws IOException {
    byte[] large = bytes(Transfers.SLICE + 12345);
    try (Store.Work work = at(first).claim(KEY, "me").orElseThrow()) {
      keep(work, "checkpoint-1", bytes(100));
      keep(work, "checkpoint-2", large);
      Files.delete(work.scratch().resolve("checkpoint-1"));
      work.renew();
    }
    try (Store.Work work = at(second).claim(KEY, "me").orElseThrow()) {
      assertThat(work.scratch().resolve("checkpoint-1")).doesNotExist();
      assertThat(Disk.sha256(work.scratch().resolve("checkpoint-2")))
          .isEqualTo(dev.inkling.plan.Keys.sha256(large));
      Files.write(work.output().resolve("model"), large);
      work.publish(StoreContract.IDENTITY, "name", "summary", 1);
    }
    Artifact found = at(first).find(KEY).orElseThrow();
    assertThat(Disk.sha256(found.file("model"))).isEqualTo(dev.inkling.plan.Keys.sha256(large));
    assertThat(at(first).verify()).isEmpty();
  }

  @Test
  void aJournalGoesToTheOtherMachineAsFarAsItWasSent() throws IOException {
    Store.Work lost = at(first).claim(KEY, "me").orElseThrow();
    try (Journal<Row> journal = Journal.open(lost, Row.class)) {
      for (int i = 0; i < 1000; i++) {
        journal.append(i, row(i));
        if (i % 100 == 50) {
          lost.renew();
        }
      }
      journal.keep();
      journal.append(1000, row(1000));
    }
    // The machine is gone: nothing is closed, and what came last was not sent.
    int objects = objects("work/").size();
    assertThat(objects).isLessThan(15);
    try (Store.Work work = at(second).claim(KEY, "me").orElseThrow();
        Journal<Row> journal = Journal.open(work, Row.class)) {
      assertThat(journal.count()).isEqualTo(1000);
      List<Long> seen = new ArrayList<>();
      journal.inOrder(
          (index, row) -> {
            assertThat(row).isEqualTo(row(index));
            seen.add(index);
          });
      assertThat(seen).hasSize(1000).isSorted();
      journal.append(1000, row(1000));
    }
    try (Store.Work back = at(first).claim(KEY, "me").orElseThrow();
        Journal<Row> journal = Journal.open(back, Row.class)) {
      assertThat(journal.count()).isEqualTo(1001);
    }
  }

  private static Row row(long index) {
    return new Row(index, "question " + index, "an answer of some length " + index, Row.COMPLETE);
  }

  @Test
  void theNextAttemptOnTheSameMachineHasWhatWasNeverSent() throws IOException {
    Store.Work gone = at(first).claim(KEY, "me").orElseThrow();
    keep(gone, "checkpoint", bytes(10));
    Files.write(gone.scratch().resolve("counts"), bytes(16));
    server.forgetAsked();
    try (Store.Work next = at(first).claim(KEY, "me").orElseThrow()) {
      assertThat(next.scratch().resolve("counts")).hasBinaryContent(bytes(16));
      assertThat(server.asked()).noneMatch(request -> request.contains("checkpoint"));
    }
    // It was sent when that attempt ended.
    Store.Work elsewhere = at(second).claim(KEY, "me").orElseThrow();
    assertThat(elsewhere.scratch().resolve("counts")).hasBinaryContent(bytes(16));

    // What this machine has is older than the other's by now.
    keep(elsewhere, "checkpoint", bytes(11));
    Store.Work back = at(first).claim(KEY, "me").orElseThrow();
    assertThat(back.scratch().resolve("checkpoint")).hasBinaryContent(bytes(11));
  }

  @Test
  void aLostAnswerIsNoLostClaim() throws IOException {
    server.losesTheAnswerOf("PUT", "claim.json");
    try (Store.Work work = at(first).claim(KEY, "me").orElseThrow()) {
      assertThat(work.attempt()).isEqualTo(1);
      server.losesTheAnswerOf("PUT", "claim.json");
      keep(work, "checkpoint", bytes(10));
      server.losesTheAnswerOf("PUT", "claim.json");
      work.renew();
      server.losesTheAnswerOf("PUT", "/" + Manifest.FILE);
      assertThat(publish(work, "hello").file("data.txt")).hasContent("hello");
    }
    assertThat(at(second).find(KEY)).isPresent();
  }

  @Test
  void whoFinishesSecondGetsTheFirstOnesArtifact() throws IOException {
    Store.Work slow = at(first).claim(KEY, "me").orElseThrow();
    Files.writeString(slow.output().resolve("data.txt"), "slow");
    String key = KEY;
    // It is decided, and then the machine sleeps before the manifest is in its place.
    server.isDownFor(request -> request.endsWith("artifacts/" + key + "/" + Manifest.FILE));
    assertThatThrownBy(() -> slow.publish(StoreContract.IDENTITY, "name", "summary", 1))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("A stage tries again by itself");
    server.isDownFor(_ -> false);
    assertThat(at(second).published(KEY)).isEmpty();

    // The next attempt carries it out, whoever it is; nothing is made twice.
    try (Store.Work next = takenOver(second, "you")) {
      assertThat(at(second).find(KEY).orElseThrow().file("data.txt")).hasContent("slow");
      assertThat(publish(next, "next").file("data.txt")).hasContent("slow");
    }
  }

  /** Changes a letter of what was published; where that lies. */
  private static String damage() {
    String data =
        objects("artifacts/").stream()
            .filter(o -> o.endsWith("data.txt"))
            .findFirst()
            .orElseThrow();
    server.bucket().put(data, "hellp".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return data;
  }

  @Test
  void whatIsDamagedInTheBucketIsReportedAndMadeAgain() throws IOException {
    StoreContract.publish(at(first), "hello");
    damage();

    assertThat(at(second).verify())
        .singleElement()
        .satisfies(f -> assertThat(f.problem()).contains("data.txt is not what was published"));
    assertThat(at(second).find(KEY)).isEmpty();
    assertThat(at(first).published(KEY)).isEmpty();
    assertThat(objects("damaged/")).hasSize(1);

    StoreContract.publish(at(second), "hello");
    assertThat(at(first).find(KEY).orElseThrow().file("data.txt")).hasContent("hello");
  }

  @Test
  void lookingFetchesOnlyTheFileThatIsAskedFor() throws IOException {
    StoreContract.publish(at(first), "hello");
    server.forgetAsked();
    Artifact looked = at(second).look(KEY).orElseThrow();
    assertThat(server.asked()).hasSize(1);

    assertThat(looked.file("data.txt")).hasContent("hello");
    assertThat(at(second).look(KEY).orElseThrow().file("data.txt")).hasContent("hello");
    assertThat(server.asked()).hasSize(3).noneMatch(request -> request.contains("a.svg"));
  }

  @Test
  void plansAreSharedAndForgotten() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.MNIST);
    at(first).remember(plan);
    server.forgetAsked();
    at(second).remember(TinyPlan.of(TinyPlan.MNIST));

    assertThat(server.asked()).noneMatch(request -> request.startsWith("PUT"));
    assertThat(at(second).plan(plan.id())).contains(plan);
    assertThat(at(second).planned()).containsExactly(plan.id());
    assertThat(at(second).plan("../artifacts/x")).isEmpty();
    at(second).forget(plan.id());
    assertThat(at(first).planned()).isEmpty();
  }

  @Test
  void garbageIsCountedAndRemovedAsAWhole() throws IOException {
    StoreContract.publish(at(first), "hello");
    Store.Work unfinished = at(first).claim("b".repeat(64), "me").orElseThrow();
    keep(unfinished, "checkpoint", bytes(5000));
    Garbage garbage = at(second).garbage();

    assertThat(garbage.besides(Set.of(KEY, "b".repeat(64)))).isEmpty();
    List<Garbage.Item> items = garbage.besides(Set.of());
    assertThat(items)
        .extracting(Garbage.Item::kind)
        .containsExactly(Garbage.Kind.ARTIFACT, Garbage.Kind.UNFINISHED);
    assertThat(items.getLast().bytes()).isGreaterThan(5000);
    for (Garbage.Item item : items) {
      garbage.remove(item);
    }
    assertThat(objects("")).isEmpty();
    assertThat(at(first).find(KEY)).isEmpty();
  }

  @Test
  void whatACrashAfterPublishingLeftIsTidiedUp() throws IOException {
    Store.Work work = at(first).claim(KEY, "me").orElseThrow();
    keep(work, "checkpoint", bytes(10));
    List<String> left = objects("work/");
    List<byte[]> contents =
        left.stream().map(o -> server.bucket().read(o).orElseThrow().bytes()).toList();
    publish(work, "hello");
    for (int i = 0; i < left.size(); i++) {
      server.bucket().put(left.get(i), contents.get(i));
    }
    Files.createDirectories(second.resolve("work").resolve(KEY));
    at(second).claim("b".repeat(64), "me").orElseThrow().close();
    at(second).tidy();

    assertThat(objects("work/")).containsExactly("work/" + "b".repeat(64) + "/claim.json");
    assertThat(second.resolve("work").resolve(KEY)).doesNotExist();
  }

  @Test
  void whoWaitsForAnotherAsksTheBucketEveryFewSecondsOnly() {
    S3Store waiting = at(second);
    Store.Work held = at(first).claim(KEY, "me").orElseThrow();
    server.forgetAsked();
    for (int i = 0; i < 10; i++) {
      assertThat(waiting.claim(KEY, "you")).isEmpty();
    }
    assertThat(server.asked()).hasSize(1);
    held.close();
  }

  @Test
  void aTransferSaysThatItIsAliveAndCanBeStopped() throws IOException {
    StoreContract.publish(at(first), "hello");
    List<String> heard = new ArrayList<>();
    at(second).telling(() -> heard.add("alive")).find(KEY);
    assertThat(heard).hasSizeGreaterThanOrEqualTo(2);

    Store stopped =
        at(second)
            .telling(
                () -> {
                  throw new IllegalStateException("stop");
                });
    at(second).copies().drop(KEY);
    assertThatThrownBy(() -> stopped.find(KEY)).hasMessage("stop");
    assertThat(at(second).find(KEY)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkpoint", "claim.json"})
  void aBucketThatIsAwayForSecondsStopsNoTraining(String object) throws IOException {
    Store.Work work = at(first).claim(KEY, "me").orElseThrow();
    checkpoint(work, bytes(10));
    server.isDownFor(request -> request.startsWith("PUT") && request.contains(object));
    work.renew();
    checkpoint(work, bytes(12));
    assertThat(work.scratch().resolve("checkpoint")).hasBinaryContent(bytes(12));
    // What others must be able to rely on is another matter.
    assertThatThrownBy(() -> keep(work, "checkpoint", bytes(13)))
        .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.passing()).isTrue())
        .hasMessageContaining("503");
    checkpoint(work, bytes(14));

    server.isDownFor(_ -> false);
    work.renew();
    // This machine is gone: nothing is closed.
    try (Store.Work next = at(second).claim(KEY, "me").orElseThrow()) {
      assertThat(next.scratch().resolve("checkpoint")).hasBinaryContent(bytes(14));
    }
  }

  @Test
  void whatIsDecidedWhenTheLastWriteFailsIsPublishedByTheNextAttempt() throws IOException {
    try (Store.Work work = at(first).claim(KEY, "me").orElseThrow()) {
      server.isDownFor(request -> request.endsWith(KEY + "/" + Manifest.FILE));
      assertThatThrownBy(() -> publish(work, "hello"))
          .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.passing()).isTrue());
      server.isDownFor(_ -> false);
    }
    try (Store.Work next = at(second).claim(KEY, "me").orElseThrow()) {
      assertThat(next.attempt()).isEqualTo(2);
      assertThat(at(second).find(KEY).orElseThrow().file("data.txt")).hasContent("hello");
    }
  }

  @Test
  void whoIsToldToStopStillKeepsItsCheckpoint() throws IOException {
    AtomicBoolean stops = new AtomicBoolean();
    Store told =
        at(first)
            .telling(
                () -> {
                  if (stops.get()) {
                    throw new IllegalStateException("stop");
                  }
                });
    try (Store.Work work = told.claim(KEY, "me").orElseThrow()) {
      stops.set(true);
      checkpoint(work, bytes(10));
    }
    try (Store.Work work = at(second).claim(KEY, "you").orElseThrow()) {
      assertThat(work.scratch().resolve("checkpoint")).hasBinaryContent(bytes(10));
    }
  }

  @Test
  void aRequestThatTakesLongIsNoSilence() throws IOException {
    StoreContract.publish(at(first), "hello");
    server.isDownFor(
        request -> {
          sleep(request.contains("data.txt") ? 3500 : 0);
          return false;
        });
    List<String> heard = new ArrayList<>();
    assertThat(at(second).telling(() -> heard.add("alive")).find(KEY)).isPresent();
    assertThat(heard).hasSizeGreaterThanOrEqualTo(2 + 2);
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whoIsSlowToSetADamagedArtifactAsideDisturbsNobody() throws IOException {
    StoreContract.publish(at(first), "hello");
    String data = damage();

    // Both have seen it; the fast one is at work on the new one by the time the slow one acts.
    S3Store slow = at(second.resolve("slow"));
    S3Store fast = at(second.resolve("fast"));
    AtomicReference<Store.Work> work = new AtomicReference<>();
    beforeSettingAside(
        () -> {
          assertThat(fast.find(KEY)).isEmpty();
          work.set(fast.claim(KEY, "fast").orElseThrow());
        });
    assertThat(slow.find(KEY)).isEmpty();
    work.get().renew();

    // And the same, when it is done by then.
    publish(work.get(), "hello");
    server.bucket().put(data, "hellp".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    S3Store faster = at(second.resolve("faster"));
    beforeSettingAside(
        () -> {
          assertThat(faster.find(KEY)).isEmpty();
          publish(faster.claim(KEY, "faster").orElseThrow(), "hello");
        });
    assertThat(slow.find(KEY)).isEmpty();
    assertThat(slow.find(KEY).orElseThrow().file("data.txt")).hasContent("hello");
    assertThat(slow.list()).hasSize(1);
  }

  /** Something that happens once, while somebody is about to set an artifact aside. */
  private static void beforeSettingAside(Happening happens) {
    AtomicBoolean once = new AtomicBoolean(true);
    server.isDownFor(
        request -> {
          if (request.startsWith("PUT") && request.contains("damaged/") && once.getAndSet(false)) {
            try {
              happens.happens();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
          return false;
        });
  }

  private interface Happening {
    void happens() throws IOException;
  }

  @Test
  void aServerThatTakesEveryWriteIsNoStore() {
    server.knowsConditions(false);
    try {
      assertThatThrownBy(() -> at(first).probe())
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("two workers could hold one claim");
    } finally {
      server.knowsConditions(true);
    }
    assertThat(objects("")).isEmpty();
  }

  @Test
  void aStageAtWorkAsksLittle() throws IOException {
    try (Store.Work work = at(first).claim(KEY, "me").orElseThrow()) {
      server.forgetAsked();
      work.renew();
      assertThat(server.asked()).hasSize(1);
      server.forgetAsked();
      keep(work, "checkpoint", bytes(1000));
      assertThat(server.asked()).hasSize(2);
      Files.writeString(work.output().resolve("data.txt"), "hello");
      server.forgetAsked();
      work.publish(StoreContract.IDENTITY, "name", "summary", 1);
      assertThat(server.asked().stream().filter(request -> request.startsWith("PUT"))).hasSize(4);
    }
  }

  @Test
  void aBucketThatCannotBeUsedSaysWhatToDo() {
    at(first).probe();
    assertThat(objects("")).isEmpty();

    S3Store missing =
        new S3Store(
            BucketConnection.of(BucketPlace.of("s3://no-such-bucket"), server.environment()),
            first,
            Clock.systemUTC(),
            Map.of());
    assertThatThrownBy(missing::probe)
        .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.passing()).isFalse())
        .hasMessageContaining("There is no bucket 'no-such-bucket'")
        .hasMessageContaining("INKLING_STORE");
    assertThatThrownBy(() -> BucketPlace.of("s3://Not_A_Bucket/x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("s3://my-bucket/experiments");
  }
}
