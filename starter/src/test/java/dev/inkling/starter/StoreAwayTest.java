package dev.inkling.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.activity.InklingActivities;
import dev.inkling.activity.StageRunner;
import dev.inkling.artifact.BucketConnection;
import dev.inkling.artifact.BucketPlace;
import dev.inkling.artifact.S3Store;
import dev.inkling.artifact.Store;
import dev.inkling.language.LanguageModels;
import dev.inkling.plan.Plan;
import dev.inkling.preset.Resolver;
import dev.inkling.report.Report;
import dev.inkling.tracking.Chronicle;
import dev.inkling.workflow.Failures;
import dev.inkling.workflow.StageActivities;
import dev.inkling.workflow.StageRequest;
import io.temporal.activity.ActivityOptions;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A stage whose artifacts lie in a bucket that nobody answers for. */
@Timeout(120)
class StoreAwayTest {
  @TempDir Path home;

  @Test
  void aStageWhoseBucketDoesNotAnswerIsTriedAgain() throws Exception {
    Map<String, String> away =
        Map.of(
            BucketConnection.ENDPOINT,
            "http://127.0.0.1:1",
            "AWS_ACCESS_KEY_ID",
            "test",
            "AWS_SECRET_ACCESS_KEY",
            "test");
    Store store =
        new S3Store(
            BucketConnection.of(BucketPlace.of("s3://away"), away),
            home,
            Clock.systemUTC(),
            Map.of());
    LanguageModels models = new LanguageModels(home, Map.of(), Clock.systemUTC());
    Plan plan = Resolver.plan(new ObjectMapper().readTree("{\"preset\": \"promptmlp\"}"));
    StageRequest request = new StageRequest(plan.id(), plan.stages().getFirst(), Optional.empty());
    TestActivityEnvironment temporal = TestActivityEnvironment.newInstance();
    try {
      temporal.registerActivitiesImplementations(
          new InklingActivities(
              new StageRunner(store, Duration.ofSeconds(1), models),
              new Report(store, Map.of()),
              models,
              new Chronicle(home, Map.of(), store),
              home));
      StageActivities stages =
          temporal.newActivityStub(
              StageActivities.class,
              ActivityOptions.newBuilder().setStartToCloseTimeout(Duration.ofMinutes(1)).build());

      assertThatThrownBy(() -> stages.finetune(request))
          .cause()
          .isInstanceOfSatisfying(
              ApplicationFailure.class,
              failure -> {
                assertThat(failure.getType()).isEqualTo(Failures.STORE_UNAVAILABLE.type());
                assertThat(failure.isNonRetryable()).isFalse();
              })
          .hasMessageContaining("s3://away/ does not answer");
    } finally {
      temporal.close();
      models.close();
    }
  }
}
