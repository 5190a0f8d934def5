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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every store promises, wherever it keeps things. */
abstract class StoreContract {
  static final String KEY = "a".repeat(64);
  static final ObjectNode IDENTITY = JsonNodeFactory.instance.objectNode().put("stage", "Test");

  @TempDir Path home;

  /** The same store, each time as another process would open it. */
  abstract Store store(Clock clock);

  Store store() {
    return store(Clock.systemUTC());
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

  @Test
  void aClaimFromAfterTheClockWasSetBackIsStaleToo() {
    Instant start = Instant.parse("2026-01-01T12:00:00Z");
    Store.Work before = store(Clock.fixed(start, ZoneOffset.UTC)).claim(KEY, "me").orElseThrow();
    Instant slightlyBack = start.minus(Claim.STALE).plusSeconds(1);
    assertThat(store(Clock.fixed(slightlyBack, ZoneOffset.UTC)).claim(KEY, "you")).isEmpty();

    Instant anHourBack = start.minusSeconds(3600);
    assertThat(store(Clock.fixed(anHourBack, ZoneOffset.UTC)).claim(KEY, "you")).isPresent();
    assertThatThrownBy(before::renew).isInstanceOf(Store.SupersededException.class);
  }

  @Test
  void anotherOwnerWaitsUntilTheClaimIsGivenBackOrStale() throws IOException {
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    Store.Work held = store(Clock.fixed(start, ZoneOffset.UTC)).claim(KEY, "me").orElseThrow();

    assertThat(store(Clock.fixed(start.plusSeconds(19), ZoneOffset.UTC)).claim(KEY, "you"))
        .isEmpty();
    Instant late = start.plus(Claim.STALE).plusSeconds(1);
    assertThat(store(Clock.fixed(late, ZoneOffset.UTC)).claim(KEY, "you")).isPresent();
    assertThatThrownBy(held::renew).isInstanceOf(Store.SupersededException.class);

    store().claim(KEY, "you").orElseThrow().close();
    assertThat(store().claim(KEY, "somebody else")).isPresent();
  }

  @Test
  void theWorkThatNothingKeptIsToldToTheNextAttempt() throws IOException {
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    class Passing extends Clock {
      private Instant now = start;

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
    Passing clock = new Passing();
    Store.Work first = store(clock).claim(KEY, "me").orElseThrow();
    assertThat(first.lost()).isZero();
    Files.writeString(first.draft("checkpoint"), "step 5");
    clock.now = start.plusSeconds(60);
    first.keep("checkpoint");
    clock.now = start.plusSeconds(67);
    first.renew();

    clock.now = start.plusSeconds(90); // nobody knows when between 67 and 90 it died
    Store.Work second = store(clock).claim(KEY, "me").orElseThrow();
    assertThat(second.lost()).isEqualTo(Duration.ofSeconds(7));
    clock.now = start.plusSeconds(95);
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
