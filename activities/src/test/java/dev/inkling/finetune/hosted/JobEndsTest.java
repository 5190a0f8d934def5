package dev.inkling.finetune.hosted;

import static dev.inkling.finetune.hosted.TinyTuning.CANCEL;
import static dev.inkling.finetune.hosted.TinyTuning.CREATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.language.JobFile;
import dev.inkling.plan.Stage;
import dev.inkling.stage.Caller;
import dev.inkling.stage.JobFailedException;
import dev.inkling.stage.LaterException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Jobs that come to nothing or are no longer wanted: who is told, what is cancelled, what is new.
 */
@Timeout(120)
class JobEndsTest extends OneTunedStage {
  /** Under way, and noted. */
  private void begun() throws Exception {
    for (int look = 0; tiny.jobs().isEmpty(); look++) {
      assertThat(look).isLessThan(400);
      try {
        tiny.look(stage, FIRST);
      } catch (LaterException e) {
        tiny.clock.waitFor(e);
      }
    }
  }

  @Test
  void aFailedJobSaysWhyAndTypedAgainThereIsExactlyOneMore() throws Exception {
    tiny.provider.behave("{\"training\": {\"end\": \"failed\", \"reason\": \"A GPU is broken\"}}");
    for (int again = 0; again < 2; again++) {
      assertThatThrownBy(() -> tiny.perform(stage, FIRST))
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("openai's fine-tuning job ftjob-")
          .hasMessageContaining("for 'tuned' failed: A GPU is broken.")
          .hasMessageContaining("cost is not known")
          .hasMessageContaining("type the same command again");
      oneFileAndOneJob();
    }
    tiny.provider.behave("{}");
    tiny.perform(stage, SECOND);
    assertThat(tiny.files()).hasSize(1);
    assertThat(tiny.jobs()).hasSize(2);
    assertThat(JobFile.read(tiny.artifact(stage)).job())
        .isEqualTo(tiny.jobs().getLast().get("id").asText());
  }

  @Test
  void ofTwoExperimentsBothAreToldOfAFailureAndNeitherMakesANewJobForTheOther() throws Exception {
    tiny.provider.behave("{\"training\": {\"runningMs\": 4000, \"end\": \"failed\"}}");
    Caller other = TinyTuning.caller("other", "its run");
    begun();
    assertThatThrownBy(() -> tiny.look(stage, other)).isInstanceOf(LaterException.class);
    assertThatThrownBy(() -> tiny.perform(stage, FIRST)).isInstanceOf(JobFailedException.class);
    assertThatThrownBy(() -> tiny.perform(stage, other)).isInstanceOf(JobFailedException.class);
    oneFileAndOneJob();
  }

  @Test
  void aJobThatTheProviderCancelledAndOneThatIsGoneAreTold() throws Exception {
    tiny.provider.behave("{\"training\": {\"end\": \"cancelled\"}}");
    assertThatThrownBy(() -> tiny.perform(stage, FIRST))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("was cancelled at the provider");
    tiny.provider.behave("{\"training\": {\"end\": \"stuck\", \"vanishAfterMs\": 400}}");
    assertThatThrownBy(() -> tiny.perform(stage, SECOND))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("is gone: the provider has neither it nor another one")
        .hasMessageContaining("since it may be billed");
    assertThat(tiny.jobs()).hasSize(2);
    tiny.provider.behave("{}");
    tiny.perform(stage, TinyTuning.caller("test", "third run"));
    assertThat(tiny.jobs()).hasSize(3);
    assertThat(tiny.files()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"stuck,is queued", "paused,is 'paused'"})
  void aJobThatIsStuckOrSaysAnUnknownWordIsWaitedFor(String end, String words) throws Exception {
    tiny.provider.behave("{\"training\": {\"end\": \"%s\"}}".formatted(end));
    begun();
    tiny.clock.advance(Duration.ofHours(5));
    Thread.sleep(500);
    assertThatThrownBy(() -> tiny.look(stage, FIRST))
        .isInstanceOfSatisfying(LaterException.class, e -> assertThat(e.delay()).hasSeconds(60))
        .hasMessageContaining(words)
        .hasMessageContaining("5 h");
    oneFileAndOneJob();
  }

  @Test
  void aFileThatCannotBeUsedIsToldAndUploadedAgainWhenTypedAgain() throws Exception {
    tiny.provider.behave("{\"filing\": {\"processMs\": 100, \"error\": \"Unreadable\"}}");
    assertThatThrownBy(() -> tiny.perform(stage, FIRST))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("cannot use the training file inkling-")
        .hasMessageContaining("Unreadable.")
        .hasMessageContaining("No job was created");
    tiny.provider.behave("{}");
    tiny.perform(stage, SECOND);
    assertThat(tiny.files()).hasSize(2);
    assertThat(tiny.jobs()).hasSize(1);
  }

  @Test
  void aFileThatWasDeletedBeforeTheJobWasMadeIsUploadedAgain() throws Exception {
    tiny.provider.behave("{\"filing\": {\"processMs\": 600000}}");
    assertThatThrownBy(() -> tiny.look(stage, FIRST)).isInstanceOf(LaterException.class);
    try (HttpClient http = HttpClient.newHttpClient()) {
      String id = tiny.files().getFirst().get("id").asText();
      http.send(
          HttpRequest.newBuilder(URI.create(tiny.provider.openAiUrl() + "/files/" + id))
              .DELETE()
              .build(),
          BodyHandlers.discarding());
    }
    tiny.provider.behave("{}");
    tiny.perform(stage, FIRST);
    assertThat(tiny.files()).hasSize(2);
    assertThat(tiny.jobs()).hasSize(1);
  }

  @Test
  void aCancelledExperimentCancelsItsJobOnceThoughTheAnswerIsLost() throws Exception {
    tiny.provider.behave(
        "{\"training\": {\"end\": \"stuck\"}, \"on\": {\"%s\": [\"500\", \"reset-after\"]}}"
            .formatted(CANCEL));
    begun();
    tiny.withdraw(stage, FIRST);
    tiny.withdraw(stage, FIRST);
    assertThat(tiny.cancels()).hasSize(1);
    assertThat(tiny.cancels().getFirst().get("id")).isEqualTo(tiny.jobs().getFirst().get("id"));

    tiny.provider.behave("{}");
    tiny.perform(stage, SECOND);
    assertThat(tiny.jobs()).hasSize(2);
    assertThat(tiny.files()).hasSize(1);
  }

  @Test
  void aJobThatAnotherExperimentWantsGoesOn() throws Exception {
    tiny.provider.behave("{\"training\": {\"end\": \"stuck\"}}");
    Caller other = TinyTuning.caller("other", "its run");
    begun();
    assertThatThrownBy(() -> tiny.look(stage, other)).isInstanceOf(LaterException.class);
    tiny.withdraw(stage, FIRST);
    assertThat(tiny.cancels()).isEmpty();
    tiny.withdraw(stage, other);
    assertThat(tiny.cancels()).hasSize(1);
  }

  @Test
  void aJobThatWasMadeAndNeverNotedIsCancelledToo() throws Exception {
    tiny.provider.behave(
        "{\"training\": {\"end\": \"stuck\"}, \"on\": {\"%s\": [\"reset-after\"]}}"
            .formatted(CREATE));
    begun();
    tiny.withdraw(stage, FIRST);
    assertThat(tiny.jobs()).hasSize(1);
    assertThat(tiny.cancels()).hasSize(1);
  }

  @Test
  void whereNothingIsUnderWayNothingIsCancelled() throws Exception {
    tiny.withdraw(stage, FIRST);
    tiny.provider.behave("{\"filing\": {\"processMs\": 600000}}");
    assertThatThrownBy(() -> tiny.look(stage, FIRST)).isInstanceOf(LaterException.class);
    tiny.withdraw(stage, FIRST);
    tiny.provider.behave("{\"training\": {\"end\": \"failed\"}}");
    Stage failing = tiny.stage(tiny.plan("\"epochs\": 2"));
    assertThatThrownBy(() -> tiny.perform(failing, FIRST)).isInstanceOf(JobFailedException.class);
    tiny.withdraw(failing, FIRST);
    assertThat(tiny.cancels()).isEmpty();
    assertThat(tiny.jobs()).hasSize(1);
  }
}
