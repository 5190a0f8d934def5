package dev.inkling.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inkling.activity.TinyPlan;
import dev.inkling.plan.Plan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plans of experiments beside the artifacts. */
class KeptPlansTest {
  private static final Instant LONG_AGO = Instant.EPOCH;

  @TempDir Path home;

  private LocalStore store() {
    return new LocalStore(home, Clock.systemUTC(), Map.of());
  }

  @Test
  void aPlanIsReadAsItWasAndNotWrittenTwice() throws Exception {
    for (String spec : List.of(TinyPlan.MNIST, "{\"preset\": \"owl-prompted\"}")) {
      Plan plan = TinyPlan.of(spec);
      Path file = home.resolve("experiments").resolve(plan.id() + ".json");
      store().remember(plan);
      Files.setLastModifiedTime(file, FileTime.from(LONG_AGO));
      store().remember(TinyPlan.of(spec));

      assertThat(store().plan(plan.id())).contains(plan);
      assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo(LONG_AGO);
    }
    assertThat(store().planned()).hasSize(2);
  }

  /** In a fixed order, whatever order the maps of this Java process happen to have. */
  @Test
  void theBytesDependOnThePlanOnly() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.MNIST);
    store().remember(plan);
    String text = Files.readString(home.resolve("experiments").resolve(plan.id() + ".json"));

    assertThat(text)
        .containsPattern("\"inputs\" : \\{\\s*\"dataset\" : \"[0-9a-f]+\",\\s*\"model\"");
    assertThat(text.indexOf("\"reference\"")).isLessThan(text.indexOf("\"cross-model (all)\""));
  }

  @Test
  void manyAtOnceWriteOneWholePlan() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.MNIST);
    Callable<Boolean> writes =
        () -> {
          for (int i = 0; i < 20; i++) {
            store().remember(plan);
            store().forget(plan.id());
          }
          return true;
        };
    try (var executor = Executors.newFixedThreadPool(4)) {
      for (var result : executor.invokeAll(Collections.nCopies(4, writes))) {
        assertThat(result.get()).isTrue();
      }
    }
    store().remember(plan);
    assertThat(store().plan(plan.id())).contains(plan);
    assertThat(Disk.entries(home.resolve("experiments"))).hasSize(1);
  }

  @Test
  void whatIsNoPlanIsPassedOverAndDraftsOfCrashesAreRemoved() throws Exception {
    Path directory = Files.createDirectories(home.resolve("experiments"));
    Files.writeString(directory.resolve("torn.json"), "{\"id\": \"to");
    Files.writeString(directory.resolve("other.json"), "[]");
    Path old = Files.writeString(directory.resolve("x1.tmp"), "half");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    Path fresh = Files.writeString(directory.resolve("x2.tmp"), "half");
    store().tidy();

    assertThat(store().plan("torn")).isEmpty();
    assertThat(store().plan("other")).isEmpty();
    assertThat(store().plan("../experiments/torn")).isEmpty();
    assertThat(store().planned()).containsExactly("other", "torn");
    assertThat(old).doesNotExist();
    assertThat(fresh).exists();
  }

  @Test
  void aPlanThatIsForgottenIsGoneAndItsArtifactsAreNot() throws Exception {
    Plan plan = TinyPlan.of(TinyPlan.MNIST);
    store().remember(plan);
    Path artifact = Files.createDirectories(home.resolve("artifacts/x"));
    store().forget(plan.id());
    store().forget("never-there");

    assertThat(store().planned()).isEmpty();
    assertThat(artifact).exists();
  }
}
