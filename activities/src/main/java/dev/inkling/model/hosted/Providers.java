package dev.inkling.model.hosted;

import dev.inkling.model.LanguageModel;
import dev.inkling.model.ModelException;
import dev.inkling.model.Question;
import dev.inkling.model.Reply;
import dev.inkling.spec.HostedModel;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Opens hosted models. There is one HTTP client for each endpoint and key, shared by all models
 * there; closing this closes the clients.
 */
public final class Providers implements AutoCloseable {
  /**
   * An answer of a few hundred tokens takes seconds; after two minutes there is hardly one to come,
   * and a worker that waits longer holds up its shutdown.
   */
  public static final Duration TIMEOUT = Duration.ofMinutes(2);

  /** An address that does not take a connection within this time is down. */
  static final Duration CONNECT = Duration.ofSeconds(10);

  /** Idle connections that are kept: as many as may be under way, or bursts would open new ones. */
  static final int CONNECTIONS = 4096;

  /** Shorter than the idle limit of the usual load balancers (60 s), so that few are found dead. */
  static final Duration KEEP_ALIVE = Duration.ofSeconds(50);

  private final Clock clock;
  private final Duration timeout;
  private final Map<Endpoint, Connection> connections = new HashMap<>();

  /** With the usual limit for a request. */
  public Providers() {
    this(Clock.systemUTC(), TIMEOUT);
  }

  /**
   * With a limit of its own for a request.
   *
   * @param clock for what providers say in dates
   */
  public Providers(Clock clock, Duration timeout) {
    this.clock = clock;
    this.timeout = timeout;
  }

  /**
   * A model that can be asked. Opening asks nothing; {@link Preflight} does. Interrupting a virtual
   * thread that asks ends its request.
   *
   * @throws ModelException if there is no key or no address, with the name of the variable to set
   */
  public LanguageModel open(HostedModel model, Credentials credentials) throws ModelException {
    return new Hosted(connection(model, credentials), model.id());
  }

  /**
   * A model's batches.
   *
   * @throws ModelException if there is no key or no address, with the name of the variable to set
   */
  public Batches batches(HostedModel model, Credentials credentials) throws ModelException {
    return connection(model, credentials).batches(model.id());
  }

  /**
   * Where a model is asked, if the environment says so; otherwise at the provider's own address.
   */
  public static Optional<String> address(HostedModel model, Credentials credentials) {
    return Endpoint.address(model, credentials);
  }

  /**
   * The fine-tuning of the server that has a model.
   *
   * @throws ModelException if it fine-tunes none, or if there is no key or no address for it
   */
  public FineTuning fineTuning(HostedModel model, Credentials credentials) throws ModelException {
    return switch (connection(model, credentials)) {
      case OpenAiConnection c -> c.tuning();
      case AnthropicConnection _ ->
          throw new ModelException(
              ModelException.Reason.REFUSED,
              model.server() + " fine-tunes no models; take one of provider openai.");
    };
  }

  synchronized Connection connection(HostedModel model, Credentials credentials)
      throws ModelException {
    Endpoint endpoint = Endpoint.of(model, credentials);
    return connections.computeIfAbsent(
        endpoint,
        e ->
            switch (e.provider()) {
              case OPENAI -> new OpenAiConnection(e, credentials, clock, timeout);
              case ANTHROPIC -> new AnthropicConnection(e, credentials, clock, timeout);
            });
  }

  /** The connection outlives the model: others use it too. */
  private record Hosted(Connection connection, String id) implements LanguageModel {
    @Override
    public Reply ask(Question question) throws ModelException, InterruptedException {
      return connection.ask(id, question);
    }

    @Override
    public void close() {}
  }

  @Override
  public synchronized void close() {
    connections.values().forEach(Connection::close);
    connections.clear();
  }
}
