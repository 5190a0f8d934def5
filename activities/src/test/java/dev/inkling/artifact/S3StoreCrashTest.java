package dev.inkling.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.crash.CrashPoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A process that ends, as by SIGKILL, beside each effect on the bucket; then the same work goes on,
 * on another machine or on the same one, and ends in the same bytes.
 */
@Timeout(120)
class S3StoreCrashTest {
  private static final String KEY = StoreContract.KEY;
  private static final int STEPS = 3;

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

  private static S3Store at(Path home, Map<String, String> environment) {
    return new S3Store(
        BucketConnection.of(BucketPlace.of(BucketServer.PLACE), environment),
        home,
        Clock.systemUTC(),
        Map.of());
  }

  /**
   * One crash at a point, and which step must have survived it on another machine.
   *
   * @param survives the last step that the bucket holds; -1 if the artifact is decided
   */
  @ParameterizedTest
  @CsvSource({
    "CLAIM_TAKEN, 2, 0",
    "REMOTE_SENT, 1, 0",
    "REMOTE_SENT, 2, 1",
    "CHECKPOINT_KEPT, 2, 1",
    "REMOTE_KEPT, 1, 1",
    "REMOTE_KEPT, 3, 3",
    "OUTPUT_WRITTEN, 1, 3",
    "MANIFEST_WRITTEN, 1, 3",
    "REMOTE_FILES_SENT, 1, 3",
    "REMOTE_SEALED, 1, -1",
    "REMOTE_PUBLISHED, 1, -1",
    "PUBLISHED, 1, -1",
  })
  void aCrashBesideAnEffectLosesOneStepAtMost(CrashPoint point, int time, int survives)
      throws Exception {
    Process process = child(Map.of("INKLING_CRASH_AT", point + ":" + time));
    assertThat(process.waitFor()).isEqualTo(CrashPoint.CODE);

    // Nothing half made can be read, whatever was sent.
    S3Store there = at(second, server.environment());
    assertThat(there.verify()).isEmpty();
    try (Store.Work work = there.claim(KEY, "me").orElseThrow()) {
      assertThat(there.find(KEY).isPresent()).isEqualTo(survives < 0);
      if (survives >= 0) {
        assertThat(Steps.done(work)).isEqualTo(survives);
        Steps.goOn(work);
      }
    }
    ends(there);
  }

  @ParameterizedTest
  @CsvSource({"CHECKPOINT_KEPT, 2", "REMOTE_SENT, 3", "REMOTE_FILES_SENT, 1", "REMOTE_SEALED, 1"})
  void theSameMachineGoesOnFromWhatItHasItself(CrashPoint point, int time) throws Exception {
    assertThat(child(Map.of("INKLING_CRASH_AT", point + ":" + time)).waitFor())
        .isEqualTo(CrashPoint.CODE);
    assertThat(child(Map.of()).waitFor()).isZero();
    ends(at(second, server.environment()));
  }

  private static void ends(S3Store store) throws IOException {
    Artifact artifact = store.find(KEY).orElseThrow();
    assertThat(artifact.file("steps.txt")).hasContent("1\n2\n3\n");
    store.tidy();
    List<String> left =
        store.bucket().list("").stream()
            .map(Bucket.Listed::name)
            .filter(name -> !name.startsWith("artifacts/"))
            .toList();
    assertThat(left).isEmpty();
    assertThat(store.verify()).isEmpty();
  }

  private Process child(Map<String, String> more) throws IOException {
    Map<String, String> environment = new HashMap<>(server.environment());
    environment.putAll(more);
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Steps.class.getName(),
                first.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** A stage of three steps, each with a checkpoint, whose artifact lists them. */
  static final class Steps {
    private static final String CHECKPOINT = "checkpoint";

    private Steps() {}

    static int done(Store.Work work) throws IOException {
      Path file = work.scratch().resolve(CHECKPOINT);
      return Files.exists(file) ? (int) Files.readString(file).lines().count() : 0;
    }

    static void goOn(Store.Work work) throws IOException {
      for (int step = done(work) + 1; step <= STEPS; step++) {
        String before = step == 1 ? "" : Files.readString(work.scratch().resolve(CHECKPOINT));
        Files.writeString(
            work.scratch().resolve("log"),
            "step " + step + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
        Path draft = work.draft(CHECKPOINT);
        Files.write(draft, (before + step + "\n").getBytes(StandardCharsets.UTF_8));
        Disk.force(draft);
        work.keep(CHECKPOINT);
      }
      Files.copy(work.scratch().resolve(CHECKPOINT), work.output().resolve("steps.txt"));
      work.publish(StoreContract.IDENTITY, "steps", "three", 1);
    }

    /** Makes the artifact, unless it is there. */
    public static void main(String[] arguments) throws Exception {
      S3Store store = at(Path.of(arguments[0]), System.getenv());
      try (Store.Work work = store.claim(KEY, "me").orElseThrow()) {
        if (store.published(KEY).isEmpty()) {
          goOn(work);
        }
      }
    }
  }
}
