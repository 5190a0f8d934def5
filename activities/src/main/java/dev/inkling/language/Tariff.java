package dev.inkling.language;

import dev.inkling.model.hosted.Price;
import dev.inkling.model.hosted.Prices;
import dev.inkling.spec.BaseModel;
import dev.inkling.spec.HostedModel;
import dev.inkling.spec.OpenModel;
import java.util.Optional;

/** What a model costs, as far as that is known: asked directly, and in a batch. */
record Tariff(Optional<Price> direct, Optional<Price> inBatch) {
  static final Tariff UNKNOWN = new Tariff(Optional.empty(), Optional.empty());

  static Tariff of(BaseModel model, Prices prices) {
    return switch (model) {
      case HostedModel hosted -> new Tariff(prices.of(hosted), prices.inBatch(hosted));
      case OpenModel _ -> new Tariff(Optional.of(Price.FREE), Optional.empty());
    };
  }

  /** What an answer was paid by. */
  Optional<Price> of(Answered answer) {
    return answer.batched() ? inBatch : direct;
  }
}
