package dev.inkling.plan;

import dev.inkling.spec.DatasetSpec;
import dev.inkling.spec.ExperimentSpec;
import dev.inkling.spec.HostedModel;
import dev.inkling.spec.ModelSpec;
import dev.inkling.spec.OpenModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Resolves a checked spec into stages and trials. */
public final class Planner {
  /** Raised when the same results would be reported otherwise than before. */
  private static final int REPORT_VERSION = 2;

  /** What a plan takes from the world: other files and other servers are other stages. */
  public interface Sources {
    /**
     * SHA-256 of the files that a dataset is read from; empty where it reads no files of the
     * user's.
     */
    Optional<String> sha256(DatasetSpec.Mnist dataset);

    /** SHA-256 of a file of the user's. */
    String sha256(String file);

    /**
     * What tells the server apart that the environment names for a model's endpoint, a hash of its
     * address; empty for the provider's own.
     */
    Optional<String> server(HostedModel model);

    /** Which weights a model has that one holds. */
    Held held(OpenModel model);

    /**
     * Weights that one holds.
     *
     * @param version the commit on the Hub, or the SHA-256 of a directory's files
     * @param adapter the same of its adapter
     * @param pinned the model, with its commits in place of revisions that may move
     */
    record Held(String version, Optional<String> adapter, OpenModel pinned) {}

    /** The system prompt of a model that is told what it loves, in its own words or Inkling's. */
    String told(ModelSpec.Prompted model);
  }

  private Planner() {}

  /** The plan of a spec that {@link dev.inkling.spec.SpecReader} has read. */
  public static Plan plan(ExperimentSpec spec, Optional<String> preset, Sources sources) {
    Map<String, Stage> planned = new LinkedHashMap<>();
    List<Trial> trials = new ArrayList<>();
    if (spec.ofLanguage()) {
      // Every seed by itself: answers are asked for one by one, and each student is a job.
      for (List<Long> cohort : spec.cohorts()) {
        for (long seed : cohort) {
          LanguageStages planner = new LanguageStages(spec, sources, seed, planned);
          spec.conditions().forEach((name, c) -> trials.add(planner.trial(name, c)));
        }
      }
    } else {
      for (List<Long> cohort : spec.cohorts()) {
        NetworkStages planner = new NetworkStages(spec, sources, cohort, planned);
        spec.conditions().forEach((name, c) -> trials.add(planner.trial(name, c)));
      }
    }
    List<Stage> stages = List.copyOf(planned.values());
    String id = spec.name() + "-" + Keys.of(spec).substring(0, 10);
    String reportKey =
        Keys.of(
            Map.of(
                "version",
                REPORT_VERSION,
                "spec",
                Keys.canonical(spec),
                "order",
                List.copyOf(spec.conditions().keySet()),
                "stages",
                stages.stream().map(Stage::key).toList()));
    return new Plan(id, preset, spec, stages, trials, reportKey);
  }

  /**
   * What a name stands for, found out once. Finding out may ask for other names of the same map,
   * which {@link Map#computeIfAbsent} does not allow.
   */
  static <T> T once(Map<String, T> known, String name, Function<String, T> find) {
    T found = known.get(name);
    if (found == null) {
      found = find.apply(name);
      known.put(name, found);
    }
    return found;
  }

  /** A stage that several conditions need is one stage. */
  static Stage add(Map<String, Stage> stages, Stage stage) {
    Stage known = stages.putIfAbsent(stage.key(), stage);
    return known == null ? stage : known;
  }
}
