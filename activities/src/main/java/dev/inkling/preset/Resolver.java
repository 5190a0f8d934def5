package dev.inkling.preset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.generate.MnistFiles;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Planner;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Problem;
import dev.inkling.spec.SpecReader;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From a document to a plan: the same for the command line and for a workflow started in the
 * Temporal UI.
 */
public final class Resolver {
  private Resolver() {}

  /**
   * The plan of a document.
   *
   * @param document the spec as JSON; null if somebody started the workflow without input
   * @throws InvalidSpecException with everything that is wrong with it
   */
  public static Plan plan(@Nullable JsonNode document) throws InvalidSpecException {
    if (document == null || document.isNull() || document.isMissingNode()) {
      throw new InvalidSpecException(
          List.of(
              new Problem(
                  "",
                  "there is no input; an experiment needs a spec as JSON, for example {\"preset\": \"mnist\"}")));
    }
    ExperimentSpec spec = SpecReader.read(Presets.expand(document));
    try {
      return Planner.plan(spec, Presets.named(document), new MnistFiles());
    } catch (UncheckedIOException e) {
      throw new InvalidSpecException(
          List.of(new Problem("datasets", String.valueOf(e.getCause().getMessage()))));
    }
  }
}
