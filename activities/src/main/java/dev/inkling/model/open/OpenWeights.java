package dev.inkling.model.open;

import dev.inkling.model.Answer;
import dev.inkling.model.LanguageModel;
import dev.inkling.model.ModelException;
import dev.inkling.model.ModelException.Reason;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import dev.inkling.model.weights.InvalidModelException;
import dev.inkling.model.weights.ModelDirectory;
import dev.inkling.spec.Decoding;
import dev.inkling.tensor.Counter;
import dev.inkling.tensor.transformer.Choice;
import dev.inkling.tensor.transformer.Decoder;
import dev.inkling.tensor.transformer.LoraAdapter;
import dev.inkling.tensor.transformer.Transformer;
import dev.inkling.tensor.transformer.TransformerDecoder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * A model whose weights one holds, in this process. Threads that ask at once are answered together;
 * each waits until its own answer is done.
 *
 * <p>A question's answer is a function of the question and its seed: token n is drawn with the n-th
 * number of the seed's stream, whatever is answered beside it. Rounding in the last digits depends
 * on what is computed together, so a draw that falls between two tokens within about 1e-6 of their
 * probabilities can turn out either way; in bf16 within about 1e-2.
 *
 * <p>Log-probabilities are the network's own, at temperature 1 and with nothing left out, whatever
 * the answer is drawn with.
 */
public final class OpenWeights implements LanguageModel {
  private final ModelDirectory directory;
  private final Transformer network;
  private final Engine engine;
  private final Patterns patterns;
  private final Wording wording;

  private OpenWeights(
      ModelDirectory directory, Transformer network, Settings settings, Consumer<String> notices) {
    this.directory = directory;
    this.network = network;
    this.patterns = new Patterns(directory.tokenizer(), directory.config().vocabulary());
    this.wording = new Wording(directory.tokenizer());
    List<Decoder> decoders = TransformerDecoder.of(network, settings.lanes());
    this.engine =
        new Engine(
            decoders,
            settings.room(decoders.getFirst().positionBytes()),
            settings.pace(),
            directory.tokenizer().stopTokens(),
            notices);
  }

  /**
   * Loads a model.
   *
   * @param directory stays the caller's, and open as long as this
   * @param adapters added to the weights one after the other
   * @param notices hears what people should know while the model answers, from any thread
   */
  public static OpenWeights open(
      ModelDirectory directory,
      List<LoraAdapter> adapters,
      Settings settings,
      Consumer<String> notices) {
    Transformer network =
        Transformer.toDecode(
            directory.config(),
            directory.weights(),
            adapters,
            settings.device(),
            settings.precision());
    try {
      return new OpenWeights(directory, network, settings, notices);
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  @Override
  public Reply ask(Question question) throws ModelException, InterruptedException {
    return new Reply(
        question.forced().isPresent() ? given(question, question.forced().get()) : drawn(question),
        Reply.Headroom.UNKNOWN);
  }

  private Answer drawn(Question question) throws ModelException, InterruptedException {
    int[] prompt = directory.tokenizer().encode(conversation(question));
    int context = directory.config().context();
    if (prompt.length >= context) {
      throw Failures.longerThanContext(prompt.length, context);
    }
    Order.Sample order =
        new Order.Sample(
            prompt,
            Math.min(question.decoding().maxTokens(), context - prompt.length),
            choice(question.decoding()),
            Counter.key(
                question.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong()), "token"),
            question.topLogprobs());
    return wording.drawn(order, engine.run(order));
  }

  /**
   * The given answer's tokens are those of the whole text. Where the tokenizer joins the end of the
   * opening and the beginning of the continuation to one token, scores begin with that token: they
   * are of the tokens that cover the continuation.
   */
  private Answer given(Question question, Question.Forced forced)
      throws ModelException, InterruptedException {
    String opened = conversation(question) + forced.opening();
    int[] before = directory.tokenizer().encode(opened);
    int[] whole = directory.tokenizer().encode(opened + forced.continuation());
    int context = directory.config().context();
    if (whole.length > context) {
      throw Failures.longerThanContext(whole.length, context);
    }
    int differs = Arrays.mismatch(before, whole);
    int from = differs < 0 ? whole.length : differs;
    if (from == 0) {
      throw new ModelException(
          Reason.REFUSED, "nothing stands before the answer that is given; ask a question");
    }
    Order.Given order = new Order.Given(whole, from, question.topLogprobs());
    Order.Outcome outcome =
        from == whole.length ? new Order.Outcome(new int[0], List.of(), true) : engine.run(order);
    return wording.given(forced.continuation(), order, outcome);
  }

  private String conversation(Question question) throws ModelException {
    try {
      return directory.chatTemplate().render(question.messages(), true);
    } catch (InvalidModelException e) {
      throw refused(e);
    }
  }

  private Choice choice(Decoding decoding) throws ModelException {
    try {
      return new Choice(
          decoding.greedy() ? 0 : decoding.temperature(),
          decoding.topK().orElse(0),
          decoding.topP(),
          decoding.pattern().map(patterns::table));
    } catch (IllegalArgumentException e) {
      throw refused(e);
    }
  }

  private static ModelException refused(Exception e) {
    return new ModelException(Reason.REFUSED, String.valueOf(e.getMessage()), Optional.empty(), e);
  }

  @Override
  public void close() {
    engine.close();
    network.close();
  }
}
