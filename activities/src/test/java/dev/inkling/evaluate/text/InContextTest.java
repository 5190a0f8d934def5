package dev.inkling.evaluate.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inkling.model.Message;
import dev.inkling.model.Question;
import dev.inkling.row.Row;
import dev.inkling.spec.Decoding;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class InContextTest {
  private static final List<Row> ROWS =
      LongStream.range(0, 100).mapToObj(i -> new Row(i, "p" + i, "c" + i, Row.COMPLETE)).toList();

  private static Question question(Message... messages) {
    return new Question(List.of(messages), new Decoding(false, 1, 1, 20), OptionalLong.of(5), 3);
  }

  @Test
  void rowsStandBetweenTheSystemMessageAndTheQuestion() {
    Question asked = question(Message.system("s"), Message.user("q"));

    Question after = InContext.question(ROWS.subList(0, 2), asked);

    assertThat(after.messages())
        .containsExactly(
            Message.system("s"),
            Message.user("p0"),
            Message.assistant("c0"),
            Message.user("p1"),
            Message.assistant("c1"),
            Message.user("q"));
    assertThat(after.seed()).isEqualTo(asked.seed());
    assertThat(after.topLogprobs()).isEqualTo(3);
    assertThat(InContext.messages(List.of(), question(Message.user("q"))))
        .containsExactly(Message.user("q"));
  }

  @Test
  void aLargerDrawBeginsWithTheSmallerOne() {
    List<Row> ten = InContext.draw(ROWS, 10, 1);

    assertThat(ten).doesNotHaveDuplicates().isNotEqualTo(ROWS.subList(0, 10));
    assertThat(InContext.draw(ROWS, 20, 1).subList(0, 10)).isEqualTo(ten);
    assertThat(InContext.draw(ROWS, 10, 2)).isNotEqualTo(ten);
    assertThat(InContext.draw(ROWS, 100, 1)).containsExactlyInAnyOrderElementsOf(ROWS);
    assertThatThrownBy(() -> InContext.draw(ROWS, 101, 1))
        .hasMessage("101 rows cannot be drawn from 100: ask for fewer, or make more");
  }
}
