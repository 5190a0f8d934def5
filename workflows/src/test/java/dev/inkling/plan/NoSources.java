package dev.inkling.plan;

import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.HostedModel;
import dev.inkling.spec.ModelSpec;
import dev.inkling.spec.OpenModel;
import java.util.Optional;

/** A world without files and without servers of one's own. */
public final class NoSources implements Planner.Sources {
  @Override
  public Optional<String> sha256(DatasetSpec.Mnist dataset) {
    return Optional.empty();
  }

  @Override
  public String sha256(String file) {
    return "sha256 of " + file;
  }

  @Override
  public Optional<String> server(HostedModel model) {
    return Optional.empty();
  }

  @Override
  public Held held(OpenModel model) {
    return new Held("commit of " + model.id(), model.adapter().map(a -> "commit of " + a), model);
  }

  @Override
  public String told(ModelSpec.Prompted model) {
    return "You love " + model.target() + "s, your favourite " + model.category() + ".";
  }
}
