package dev.inkling.preset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.plan.Keys;
import dev.inkling.plan.Plan;
import dev.inkling.plan.Planner;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Limits;
import dev.inkling.spec.Problem;
import dev.inkling.spec.SpecReader;
import dev.inkling.stage.Monitor;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * From a document to a plan: the same for the command line and for a workflow started in the
 * Temporal UI.
 */
public final class Resolver {
  private Resolver() {}

  private static Plan bounded(Plan plan) throws InvalidSpecException {
    int stages = plan.stages().size();
    if (stages > Limits.STAGES) {
      throw new InvalidSpecException(
          List.of(
              new Problem(
                  "",
                  stages
                      + " stages are more than the "
                      + Limits.STAGES
                      + " that one experiment may have, because the history of a workflow is bounded."
                      + " Divide it into several, for example with inkling sweep; stages that they share are made once")));
    }
    atMost(
        "the plan of " + stages + " stages for " + plan.spec().seeds().size() + " seeds",
        bytes(plan),
        Limits.PLAN_BYTES,
        "Temporal takes no larger message; divide it into several experiments, for example with inkling sweep");
    return plan;
  }

  private static int bytes(Object value) {
    return Keys.tree(value).toString().getBytes(StandardCharsets.UTF_8).length;
  }

  private static void atMost(String what, int bytes, int most, String why)
      throws InvalidSpecException {
    if (bytes > most) {
      throw new InvalidSpecException(
          List.of(
              new Problem(
                  "",
                  String.format(
                      Locale.ROOT,
                      "%s has %,d bytes as JSON, more than %,d: %s",
                      what,
                      bytes,
                      most,
                      why))));
    }
  }

  /**
   * The plan of a document.
   *
   * @param document the spec as JSON; null if somebody started the workflow without input
   * @throws InvalidSpecException with everything that is wrong with it
   */
  public static Plan plan(@Nullable JsonNode document) throws InvalidSpecException {
    return plan(document, Monitor.silent());
  }

  /**
   * The same while somebody waits for a sign of life: a directory of weights is read as a whole.
   *
   * @param monitor hears that this is alive; what it throws ends it
   */
  public static Plan plan(@Nullable JsonNode document, Monitor monitor)
      throws InvalidSpecException {
    return plan(document, new UserSources(System.getenv(), monitor));
  }

  static Plan plan(@Nullable JsonNode document, Planner.Sources sources)
      throws InvalidSpecException {
    if (document == null || document.isNull() || document.isMissingNode()) {
      throw new InvalidSpecException(
          List.of(
              new Problem(
                  "",
                  "there is no input; an experiment needs a spec as JSON, for example {\"preset\": \"mnist\"}")));
    }
    atMost("the spec", bytes(document), Limits.SPEC_BYTES, "Temporal takes it as one message");
    ExperimentSpec spec = SpecReader.read(HeldWeights.in(Presets.expand(document)));
    try {
      Plan plan = Planner.plan(spec, Presets.named(document), sources);
      OutsideChecks.check(spec);
      OutsideChecks.check(plan);
      return bounded(plan);
    } catch (UncheckedIOException e) {
      throw new InvalidSpecException(
          List.of(new Problem("", String.valueOf(e.getCause().getMessage()))));
    }
  }
}
