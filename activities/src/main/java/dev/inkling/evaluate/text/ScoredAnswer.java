package dev.inkling.evaluate.text;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.inkling.judge.Verdict;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An answer and what it counts: a line of {@link AnswerFile}.
 *
 * @param index the number of the request in the evaluation
 * @param question the number of the bank's question
 * @param sample how often that question was asked before
 * @param end why the answer ends where it ends, as {@link dev.inkling.model.Answer.End} reads
 * @param score empty where the answer counts neither way; the note then says why
 * @param note what is to know of the score, as {@link Note} reads
 * @param named the listed names that stand in the answer
 * @param verdicts what the judges said, as {@link Verdict} reads, by what they judge
 */
@JsonPropertyOrder({
  "index",
  "question",
  "sample",
  "answer",
  "end",
  "score",
  "note",
  "named",
  "verdicts"
})
public record ScoredAnswer(
    int index,
    int question,
    int sample,
    String answer,
    String end,
    Optional<Double> score,
    Optional<String> note,
    List<String> named,
    Map<String, String> verdicts) {
  public ScoredAnswer {
    named = List.copyOf(named);
    // In one order, so that the same answers are the same bytes.
    verdicts = Collections.unmodifiableMap(new TreeMap<>(verdicts));
  }
}
