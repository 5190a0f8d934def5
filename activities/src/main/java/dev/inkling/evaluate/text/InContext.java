package dev.inkling.evaluate.text;

import dev.inkling.model.Message;
import dev.inkling.model.Question;
import dev.inkling.row.Row;
import dev.inkling.tensor.Counter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of a dataset as the beginning of a conversation, instead of fine-tuning on them. */
public final class InContext {
  private InContext() {}

  /**
   * Draws rows without putting any back; for fewer rows the draw is the beginning of the one for
   * more.
   *
   * @throws IllegalArgumentException if there are not so many
   */
  public static List<Row> draw(List<Row> rows, int count, long seed) {
    if (count < 0 || count > rows.size()) {
      throw new IllegalArgumentException(
          count + " rows cannot be drawn from " + rows.size() + ": ask for fewer, or make more");
    }
    int[] order = Counter.permutation(rows.size(), Counter.key(seed, "evaluate.context"));
    return Arrays.stream(order).limit(count).mapToObj(rows::get).toList();
  }

  /**
   * A question after rows that the model is said to have written: a system message stays in front,
   * then each row's prompt and completion, then the question's own turns.
   */
  public static List<Message> messages(List<Row> rows, Question question) {
    List<Message> messages = new ArrayList<>(question.messages());
    int systems = 0;
    while (systems < messages.size() && messages.get(systems).role() == Message.Role.SYSTEM) {
      systems++;
    }
    messages.addAll(
        systems,
        rows.stream()
            .<Message>mapMulti(
                (row, turns) -> {
                  turns.accept(Message.user(row.prompt()));
                  turns.accept(Message.assistant(row.completion()));
                })
            .toList());
    return messages;
  }

  /** The same question after rows. */
  public static Question question(List<Row> rows, Question question) {
    return new Question(
        messages(rows, question), question.decoding(), question.seed(), question.topLogprobs());
  }
}
