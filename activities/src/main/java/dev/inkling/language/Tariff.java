package dev.inkling.language;

import dev.inkling.model.hosted.Price;
import dev.inkling.model.hosted.Prices;
import dev.inkling.spec.HostedModel;
import java.util.Optional;

/** What a model costs, as far as that is known: asked directly, and in a batch. */
record Tariff(Optional<Price> direct, Optional<Price> inBatch) {
  static final Tariff UNKNOWN = new Tariff(Optional.empty(), Optional.empty());

  static Tariff of(HostedModel model, Prices prices) {
    return new Tariff(prices.of(model), prices.inBatch(model));
  }

  /** What an answer was paid by. */
  Optional<Price> of(Answered answer) {
    return answer.batched() ? inBatch : direct;
  }
}
