package dev.inkling.language;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.model.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnsweredTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String BEFORE_BATCHES =
      "{\"text\":\"owl\",\"end\":\"complete\",\"inputTokens\":3,\"outputTokens\":1,\"logprobs\":[]}";

  private static Answer owl() {
    return new Answer("owl", Answer.End.COMPLETE, new Answer.Usage(3, 1), List.of());
  }

  @Test
  void whatJournalsHeldBeforeThereWereBatchesWasAskedDirectly() throws Exception {
    assertThat(JSON.readValue(BEFORE_BATCHES, Answered.class)).isEqualTo(Answered.of(owl(), false));
  }

  @Test
  void aDirectAnswerIsWrittenAsBefore() throws Exception {
    assertThat(JSON.writeValueAsString(Answered.of(owl(), false))).isEqualTo(BEFORE_BATCHES);
  }

  @Test
  void aBatchedAnswerSaysSo() throws Exception {
    Answered batched = Answered.of(owl(), true);
    assertThat(JSON.readValue(JSON.writeValueAsString(batched), Answered.class))
        .isEqualTo(batched)
        .matches(Answered::batched);
  }
}
