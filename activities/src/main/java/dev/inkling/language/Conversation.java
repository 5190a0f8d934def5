package dev.inkling.language;

import dev.inkling.artifact.Artifact;
import dev.inkling.model.Message;
import dev.inkling.model.Question;
import dev.inkling.plan.ModelReference;
import dev.inkling.row.Row;
import dev.inkling.row.RowReader;
import dev.inkling.spec.Decoding;
import dev.inkling.stage.StageContext;
import dev.inkling.tensor.Counter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;

/** What a model has been told and has read before it is asked. */
public final class Conversation {
  private final List<Message> before;
  private final long key;

  private Conversation(List<Message> before, long key) {
    this.before = List.copyOf(before);
    this.key = key;
  }

  /**
   * The beginning of every conversation with a model.
   *
   * @throws EmptyDatasetException if it is to read rows of a dataset that has none
   */
  public static Conversation with(ModelReference model, StageContext context) throws IOException {
    List<Message> before = new ArrayList<>();
    model.system().ifPresent(s -> before.add(Message.system(s)));
    long seed = context.stage().seeds().getFirst();
    if (model.contextRows() > 0) {
      for (Row row : rows(context.input("context"), model.contextRows(), seed)) {
        before.add(Message.user(row.prompt()));
        before.add(Message.assistant(row.completion()));
      }
    }
    return new Conversation(before, Counter.key(seed, "decoding"));
  }

  /** So many rows at random, in random order: those whose numbers are the smallest. */
  private static List<Row> rows(Artifact dataset, int count, long seed) throws IOException {
    record Drawn(Row row, long number) {}
    long key = Counter.key(seed, "context");
    PriorityQueue<Drawn> smallest =
        new PriorityQueue<>(Comparator.comparingLong(Drawn::number).reversed());
    try (RowReader rows = RowReader.open(dataset.file(Row.FILE))) {
      while (rows.hasNext()) {
        Row row = rows.next();
        smallest.add(new Drawn(row, Counter.bits(key, row.index())));
        if (smallest.size() > count) {
          smallest.remove();
        }
      }
    }
    if (smallest.isEmpty()) {
      throw new EmptyDatasetException(dataset);
    }
    return smallest.stream()
        .sorted(Comparator.comparingLong(Drawn::number))
        .map(Drawn::row)
        .toList();
  }

  /**
   * A question at the end of it.
   *
   * @param number which question of the stage it is; those who take a seed draw with it
   */
  public Question question(String text, Decoding decoding, long number) {
    // Providers take 31 bits.
    OptionalLong drawn = OptionalLong.of(Counter.bits(key, number) >>> 33);
    return goesOn(new Question(List.of(Message.user(text)), decoding, drawn, 0));
  }

  /** A question of its own, at the end of it. */
  public Question goesOn(Question question) {
    List<Message> messages = new ArrayList<>(before);
    messages.addAll(question.messages());
    return new Question(
        messages, question.decoding(), question.seed(), question.topLogprobs(), question.forced());
  }
}
