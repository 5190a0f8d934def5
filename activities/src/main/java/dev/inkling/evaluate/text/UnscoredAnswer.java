package dev.inkling.evaluate.text;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.inkling.model.Answer;
import java.util.List;

/**
 * An answer that nobody has looked at: a line of {@link UnscoredFile}.
 *
 * @param index the number of the request in the evaluation
 * @param question the number of the bank's question
 * @param sample how often that question was asked before
 * @param end why the answer ends where it ends, as {@link Answer.End} reads
 */
@JsonPropertyOrder({"index", "question", "sample", "answer", "end"})
public record UnscoredAnswer(int index, int question, int sample, String answer, String end) {
  /** The answer to a request. */
  public static UnscoredAnswer of(Asked request, Answer answer) {
    return new UnscoredAnswer(
        request.index(),
        request.question(),
        request.sample(),
        AnswerFile.whole(answer.text()),
        answer.end().word());
  }

  /** The answer as rules read it; its tokens were counted where it was asked for. */
  public Answer asAnswer() {
    return new Answer(answer, Answer.End.of(end), new Answer.Usage(0, 0), List.of());
  }
}
