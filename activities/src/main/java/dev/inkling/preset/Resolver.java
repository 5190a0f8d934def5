package dev.inkling.preset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.generate.MnistFiles;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Planner;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Problem;
import dev.inkling.spec.SpecReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * From a document to a plan: the same for the command line and for a workflow started in the
 * Temporal UI.
 */
public final class Resolver {
  /** Temporal takes 2 MiB in one message; the rest is for what frames the plan. */
  private static final int LARGEST_PLAN = 1_900_000;

  /** Smaller plans are not weighed: a stage takes about a kilobyte. */
  private static final int SURELY_SMALL = 400;

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
      Plan plan = Planner.plan(spec, Presets.named(document), new MnistFiles());
      fits(plan);
      return plan;
    } catch (UncheckedIOException e) {
      throw new InvalidSpecException(
          List.of(new Problem("datasets", String.valueOf(e.getCause().getMessage()))));
    }
  }

  private static void fits(Plan plan) throws InvalidSpecException {
    if (plan.stages().size() <= SURELY_SMALL) {
      return;
    }
    int bytes = Keys.canonical(plan).getBytes(StandardCharsets.UTF_8).length;
    if (bytes > LARGEST_PLAN) {
      String message =
          "the experiment has "
              + plan.stages().size()
              + " stages, and its plan of "
              + bytes / 1000
              + " kB is more than Temporal takes in one message ("
              + LARGEST_PLAN / 1000
              + " kB). Divide it into several, for example with inkling sweep";
      throw new InvalidSpecException(List.of(new Problem("conditions", message)));
    }
  }
}
