package dev.inkling.model.open;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inkling.model.Answer;
import dev.inkling.model.Answer.Alternative;
import dev.inkling.model.Answer.End;
import dev.inkling.model.Answer.TokenLogprobs;
import dev.inkling.model.Answer.Usage;
import dev.inkling.model.weights.Tokenizer;
import dev.inkling.tensor.transformer.Decoder;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.stream.IntStream;

/** Outcomes as answers in text. */
final class Wording {
  private final Tokenizer tokenizer;

  Wording(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** An answer that was drawn. Its tokens count without the one that ended it. */
  Answer drawn(Order.Sample order, Order.Outcome outcome) {
    int[] tokens = outcome.tokens();
    // What a pattern was followed with are the tokens' bytes; a decoder may leave out a space.
    String text = order.choice().table().isPresent() ? bytes(tokens) : tokenizer.decode(tokens);
    End end = !outcome.stopped() ? End.TRUNCATED : text.isEmpty() ? End.EMPTY : End.COMPLETE;
    Usage usage = new Usage(order.ids().length, tokens.length);
    return new Answer(text, end, usage, logprobs(outcome, order.alternatives()));
  }

  /** An answer that was given. */
  Answer given(String continuation, Order.Given order, Order.Outcome outcome) {
    Usage usage = new Usage(order.from(), outcome.tokens().length);
    return new Answer(continuation, End.COMPLETE, usage, logprobs(outcome, order.alternatives()));
  }

  private List<TokenLogprobs> logprobs(Order.Outcome outcome, int alternatives) {
    return IntStream.range(0, outcome.scores().size())
        .mapToObj(i -> logprobs(outcome.tokens()[i], outcome.scores().get(i), alternatives))
        .toList();
  }

  /** There may be more alternatives than asked for, where others asked at the same time. */
  private TokenLogprobs logprobs(int token, Decoder.Score score, int alternatives) {
    return new TokenLogprobs(
        bytes(token),
        score.logprob(),
        IntStream.range(0, alternatives)
            .mapToObj(i -> new Alternative(bytes(score.tokens()[i]), score.logprobs()[i]))
            .toList());
  }

  private String bytes(int... tokens) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (int token : tokens) {
      text.writeBytes(tokenizer.bytes(token));
    }
    return text.toString(UTF_8);
  }
}
