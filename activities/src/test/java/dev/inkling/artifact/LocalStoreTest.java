package dev.inkling.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LocalStoreTest extends StoreContract {
  @Override
  LocalStore store(Clock clock, Sightings seen) {
    return new LocalStore(new StoreRoot(home), clock, Map.of("inkling", "test"), seen, () -> {});
  }

  @Test
  void aFlippedByteIsReportedAndTheArtifactIsMadeAgain() throws IOException {
    Artifact artifact = publish(store(), "hello");
    Files.writeString(artifact.directory().resolve("data.txt"), "hellp");

    assertThat(store().verify())
        .singleElement()
        .satisfies(f -> assertThat(f.problem()).contains("data.txt"));
    assertThat(store().find(KEY)).isEmpty();
    assertThat(Disk.entries(home.resolve("damaged"))).hasSize(1);

    publish(store(), "hello");
    assertThat(store().find(KEY)).isPresent();
  }

  @Test
  void aMissingFileAndATornManifestAreDamageToo() throws IOException {
    Artifact artifact = publish(store(), "hello");
    Files.delete(artifact.directory().resolve("figures/a.svg"));
    assertThat(store().find(KEY)).isEmpty();

    Artifact again = publish(store(), "hello");
    Files.writeString(again.directory().resolve(Manifest.FILE), "{\"key\": ");
    assertThat(store().find(KEY)).isEmpty();
  }

  @Test
  void aLinkInTheStoreIsDamageAndIsNeverFollowed() throws IOException {
    Path outside = Files.createDirectories(home.resolve("outside"));
    Path secret = Files.writeString(outside.resolve("data.txt"), "hello");

    // The very bytes that were published, but somewhere else.
    Artifact artifact = publish(store(), "hello");
    Files.delete(artifact.directory().resolve("data.txt"));
    Files.createSymbolicLink(artifact.directory().resolve("data.txt"), secret);
    assertThat(store().verify())
        .singleElement()
        .satisfies(f -> assertThat(f.problem()).contains("data.txt is missing or no regular"));
    assertThat(store().find(KEY)).isEmpty();

    Artifact again = publish(store(), "hello");
    Path moved = outside.resolve("figures");
    Files.move(again.directory().resolve("figures"), moved);
    Files.createSymbolicLink(again.directory().resolve("figures"), moved);
    assertThat(store().find(KEY)).isEmpty();

    Artifact whole = publish(store(), "hello");
    Files.move(whole.directory(), outside.resolve(KEY));
    Files.createSymbolicLink(whole.directory(), outside.resolve(KEY));
    assertThat(store().verify()).hasSize(1);
    assertThat(store().find(KEY)).isEmpty();
    Files.createSymbolicLink(whole.directory(), outside.resolve("nowhere"));
    assertThat(store().find(KEY)).isEmpty();

    assertThat(publish(store(), "hello").directory()).isDirectory();
    assertThat(secret).hasContent("hello");
    assertThat(outside.resolve(KEY).resolve("data.txt")).hasContent("hello");
  }

  @Test
  void aManifestThatNamesAFileOutsideIsDamage() throws IOException {
    Artifact artifact = publish(store(), "hello");
    Files.writeString(home.resolve("artifacts").resolve("data.txt"), "hello");
    Path manifest = artifact.directory().resolve(Manifest.FILE);
    Files.writeString(manifest, Files.readString(manifest).replace("data.txt", "../data.txt"));

    assertThat(store().find(KEY)).isEmpty();
  }

  @Test
  void workInProgressIsNotWrittenThroughALink() throws IOException {
    Path outside = Files.createDirectories(home.resolve("outside"));
    Path work = Files.createDirectories(home.resolve("work")).resolve(KEY);
    Files.createSymbolicLink(work, outside);
    try (Store.Work claimed = store().claim(KEY, "me").orElseThrow()) {
      Files.writeString(claimed.draft("checkpoint"), "step 5");
      claimed.keep("checkpoint");
    }
    assertThat(outside).isEmptyDirectory();

    Path victim = Files.writeString(home.resolve("victim"), "mine");
    Files.delete(work.resolve("claim.json"));
    Files.createSymbolicLink(work.resolve("claim.json"), victim);
    store().claim(KEY, "me").orElseThrow().close();
    assertThat(victim).hasContent("mine");
  }

  @Test
  void theClaimOfAProcessThatIsGoneIsTakenOverAtOnce() throws Exception {
    assertThat(store().claim(KEY, "me")).isPresent();
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    Path claim = home.resolve("work").resolve(KEY).resolve("claim.json");
    String dead =
        Files.readString(claim)
            .replace("\"process\":" + ProcessHandle.current().pid(), "\"process\":" + gone.pid());
    Files.writeString(claim, dead);

    assertThat(store().claim(KEY, "you")).isPresent();
  }

  @Test
  void aClaimOfAnOlderVersionIsRead() throws IOException {
    store().claim(KEY, "me").orElseThrow().close();
    Path claim = home.resolve("work").resolve(KEY).resolve("claim.json");
    String old = Files.readString(claim).replaceFirst(",\"since\":\"[^\"]*\"", "");
    assertThat(old).doesNotContain("since");
    Files.writeString(claim, old);

    Store.Work next = store().claim(KEY, "you").orElseThrow();
    assertThat(next.attempt()).isEqualTo(2);
    assertThat(next.lost()).isZero();
  }

  @Test
  void whatACrashAfterPublishingLeftIsTidiedUp() throws IOException {
    publish(store(), "hello");
    Files.createDirectories(home.resolve("work").resolve(KEY).resolve("output"));
    Path unfinished = Files.createDirectories(home.resolve("work").resolve("b".repeat(64)));

    store().tidy();

    assertThat(home.resolve("work").resolve(KEY)).doesNotExist();
    assertThat(unfinished).exists();
  }

  @Test
  void fullDisksAndMissingRightsSayWhatToDo() {
    IOException full = new java.nio.file.FileSystemException("x", null, "No space left on device");
    IOException denied = new java.nio.file.AccessDeniedException("x");

    assertThat(StoreException.of(home, full))
        .hasMessageContaining("is full")
        .hasMessageContaining("kept")
        .hasMessageContaining("run the same command again");
    assertThat(StoreException.of(home, denied))
        .hasMessageContaining("No permission")
        .hasMessageContaining("INKLING_HOME");
    assertThat(StoreException.of(home, new IOException("Read-only file system")))
        .hasMessageContaining("read-only");
    assertThat(Claim.STALE).isGreaterThan(Duration.ofSeconds(10));
  }
}
