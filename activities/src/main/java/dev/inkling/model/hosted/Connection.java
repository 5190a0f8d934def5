package dev.inkling.model.hosted;

import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** One provider's client for one endpoint; every model there is asked through it. */
sealed interface Connection extends AutoCloseable permits OpenAiConnection, AnthropicConnection {

  /**
   * What the provider says of a model before it is asked anything.
   *
   * @param shutdown the day from which on it no longer answers, where one is announced
   */
  record Card(String id, Optional<LocalDate> shutdown) {}

  /** The server it leads to. */
  Endpoint endpoint();

  /** One request for one answer. */
  Reply ask(String model, Question question) throws ModelException, InterruptedException;

  /** The model of that name; empty if the server says 404, because it lacks it or the route. */
  Optional<Card> find(String model) throws ModelException, InterruptedException;

  /** All models; empty if the server has no such list. */
  Optional<List<Card>> list() throws ModelException, InterruptedException;

  /** Many questions to a model in one order. */
  Batches batches(String model);

  /** Whether this key may fine-tune; asks for a list and starts nothing. */
  Preflight.FineTuning fineTuning() throws ModelException, InterruptedException;

  /** A call of the SDK that may also find out itself that there is no answer. */
  interface Call<T> {
    T run() throws ModelException;
  }

  /** A thread that is interrupted has its socket closed: that is no failure of the provider. */
  static ModelException stopped(ModelException failure) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    return failure;
  }

  @Override
  void close();
}
