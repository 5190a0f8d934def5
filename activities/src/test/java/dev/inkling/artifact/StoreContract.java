package dev.inkling.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store promises, wherever it keeps things. */
abstract class StoreContract {
  static final String KEY = "a".repeat(64);
  static final ObjectNode IDENTITY = JsonNodeFactory.instance.objectNode().put("stage", "Test");

  @TempDir Path home;

  /** The same store, each time as another process would open it. */
  abstract Store store(Clock clock, Sightings seen);

  Store store(Clock clock) {
    return store(clock, new Sightings());
  }

  Store store() {
    return store(Clock.systemUTC());
  }

  /** A clock that goes when it is told to. */
  static final class Passing extends Clock {
    private Instant now = Instant.parse("2026-01-01T12:00:00Z");

    void passes(int seconds) {
      now = now.plusSeconds(seconds);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public java.time.ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(java.time.ZoneId zone) {
      return this;
    }
  }

  static Artifact publish(Store store, String text) throws IOException {
    try (Store.Work work = store.claim(KEY, "me").orElseThrow()) {
      Files.createDirectories(work.output().resolve("figures"));
      Files.writeString(work.output().resolve("data.txt"), text);
      Files.writeString(work.output().resolve("figures/a.svg"), "<svg/>");
      return work.publish(IDENTITY, "name", "summary", 1.5);
    }
  }

  @Test
  void whatIsPublishedIsFoundWithItsManifestAndLeavesNoWorkBehind() throws IOException {
    publish(store(), "hello");

    Artifact found = store().find(KEY).orElseThrow();
    assertThat(Files.readString(found.file("data.txt"))).isEqualTo("hello");
    assertThat(found.manifest().files()).containsOnlyKeys("data.txt", "figures/a.svg");
    assertThat(found.manifest().stage()).isEqualTo("Test");
    assertThat(home.resolve("work").resolve(KEY)).doesNotExist();
    assertThat(store().verify()).isEmpty();
  }

  @Test
  void nothingIsFoundBeforeItIsPublished() throws IOException {
    try (Store.Work work = store().claim(KEY, "me").orElseThrow()) {
      Files.writeString(work.output().resolve("data.txt"), "half");

      assertThat(store().find(KEY)).isEmpty();
      assertThat(store().list()).isEmpty();
    }
  }

  @Test
  void aLaterAttemptOfTheSameOwnerReplacesTheEarlierWhichCanWriteNothingMore() throws IOException {
    try (Store.Work zombie = store().claim(KEY, "me").orElseThrow();
        Store.Work replacement = store().claim(KEY, "me").orElseThrow()) {
      assertThat(replacement.attempt()).isEqualTo(2);
      assertThatThrownBy(zombie::renew).isInstanceOf(Store.SupersededException.class);
      Files.createDirectories(zombie.output()); // it wakes up and goes on writing
      Files.writeString(zombie.output().resolve("data.txt"), "old");
      assertThatThrownBy(() -> zombie.publish(IDENTITY, "n", "s", 0))
          .isInstanceOf(Store.SupersededException.class);
      assertThatThrownBy(() -> zombie.keep("checkpoint"))
          .isInstanceOf(Store.SupersededException.class);
      assertThat(store().find(KEY)).isEmpty();

      Files.writeString(replacement.output().resolve("data.txt"), "mine");
      replacement.publish(IDENTITY, "n", "s", 0);
      assertThat(Files.readString(store().find(KEY).orElseThrow().file("data.txt")))
          .isEqualTo("mine");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 3600, -3600})
  void anotherOwnerWaitsUntilTheClaimStandsStillHoweverFarApartTheClocksAre(long ahead)
      throws IOException {
    Passing clock = new Passing();
    AtomicLong nanos = new AtomicLong();
    Store waiting =
        store(Clock.offset(clock, Duration.ofSeconds(ahead)), new Sightings(nanos::get));
    Store.Work held = store(clock).claim(KEY, "me").orElseThrow();
    for (int i = 0; i < 5; i++) {
      assertThat(waiting.claim(KEY, "you")).isEmpty();
      clock.passes(15);
      nanos.addAndGet(Duration.ofSeconds(15).toNanos());
      held.renew();
    }
    assertThat(waiting.claim(KEY, "you")).isEmpty();
    nanos.addAndGet(Claim.STALE.toNanos());
    assertThat(waiting.claim(KEY, "you")).isEmpty();

    nanos.addAndGet(Claim.STALE.toNanos());
    Optional<Store.Work> taken = waiting.claim(KEY, "you");
    if (taken.isEmpty()) { // where there are two claims, one on this machine, one after the other
      nanos.addAndGet(2 * Claim.STALE.toNanos());
      taken = waiting.claim(KEY, "you");
    }
    assertThat(taken).isPresent();
    assertThatThrownBy(held::renew).isInstanceOf(Store.SupersededException.class);

    taken.get().close();
    assertThat(store().claim(KEY, "somebody else")).isPresent();
  }

  @Test
  void theWorkThatNothingKeptIsToldToTheNextAttempt() throws IOException {
    Passing clock = new Passing();
    Store.Work first = store(clock).claim(KEY, "me").orElseThrow();
    assertThat(first.lost()).isZero();
    Files.writeString(first.draft("checkpoint"), "step 5");
    clock.passes(60);
    first.keep("checkpoint");
    clock.passes(7);
    first.renew();

    clock.passes(23); // nobody knows when between 67 and 90 it died
    Store.Work second = store(clock).claim(KEY, "me").orElseThrow();
    assertThat(second.lost()).isEqualTo(Duration.ofSeconds(7));
    clock.passes(5);
    second.close(); // given back without having kept anything

    assertThat(store(clock).claim(KEY, "me").orElseThrow().lost()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void scratchFilesSurviveAnAttemptAndOutputDoesNot() throws IOException {
    try (Store.Work first = store().claim(KEY, "me").orElseThrow()) {
      Files.writeString(first.draft("checkpoint"), "step 5");
      first.keep("checkpoint");
      Files.writeString(first.output().resolve("half"), "x");
    }
    try (Store.Work second = store().claim(KEY, "me").orElseThrow()) {
      assertThat(Files.readString(second.scratch().resolve("checkpoint"))).isEqualTo("step 5");
      assertThat(Disk.entries(second.output())).isEmpty();
    }
  }

  @Test
  void aKeyThatIsNoKeyIsRefused() {
    assertThatThrownBy(() -> store().find("../../etc"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
