package dev.inkling.provider;

import dev.inkling.provider.Wire.Request;
import dev.inkling.provider.Wire.Response;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Where requests are taken that are no questions: behaves as it was told, has them done. */
final class Desk {
  private final Supplier<Conduct> conduct;
  private final AtomicLong arrived = new AtomicLong();

  /**
   * What a request asks for.
   *
   * @param route its method and path, with {@code {id}} where an id stands
   * @param done does it, the ledger's line first
   */
  record Call(String route, Done done) {}

  /**
   * What is done with one thing of a collection; its route has {@code {id}} where the id stands.
   */
  @FunctionalInterface
  interface About {
    Response answer(String id, String route) throws IOException;
  }

  /**
   * What a request asks of a collection; empty if it is about something else.
   *
   * @param root the collection's path
   */
  static Optional<Call> call(
      String root, Request request, String path, Done make, Done list, About one) {
    String method = request.method() + " ";
    if (path.equals(root)) {
      return Optional.of(new Call(method + root, request.method().equals("POST") ? make : list));
    }
    if (!path.startsWith(root + "/")) {
      return Optional.empty();
    }
    String[] rest = path.substring(root.length() + 1).split("/", 2);
    String route = method + root + "/{id}" + (rest.length > 1 ? "/" + rest[1] : "");
    return Optional.of(new Call(route, () -> one.answer(rest[0], route)));
  }

  /** Has a request done. */
  @FunctionalInterface
  interface Done {
    Response answer() throws IOException;
  }

  Desk(Supplier<Conduct> conduct) {
    this.conduct = conduct;
  }

  /** Serves one request; false if the connection is to end. */
  boolean serve(Wire wire, Request request, Call call, Dialect dialect)
      throws IOException, InterruptedException {
    Conduct now = conduct.get();
    Optional<Response> turnedAway = now.turnedAway(request, dialect);
    if (turnedAway.isPresent()) {
      wire.write(turnedAway.get());
      return true;
    }
    Optional<Fault> fault = now.fault(call.route(), arrived.incrementAndGet());
    if (fault.isPresent() && !fault.get().billed()) {
      return now.refuse(wire, fault.get(), dialect);
    }
    return now.deliver(wire, fault.orElse(null), call.done().answer(), dialect);
  }
}
