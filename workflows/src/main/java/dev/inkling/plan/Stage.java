package dev.inkling.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.inkling.spec.BaseModel;
import dev.inkling.spec.HostedModel;
import dev.inkling.spec.OpenModel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One step of an experiment: input artifacts and a task give one artifact.
 *
 * @param key the artifact's key: SHA-256 of the task, its version, the seeds and the inputs' keys
 * @param name what people call it: the dataset's, model's or condition's name
 * @param inputs the keys of the artifacts it reads, by role, such as {@code dataset} or {@code
 *     teacher}
 * @param seeds the seeds; empty where nothing is random
 * @param directory where to find the files to read, or the one file; no part of the key, which has
 *     their hash instead
 * @param models how the language models are reached that it asks, by role: {@code teacher}, {@code
 *     student} or {@code judge}; no part of the key, which knows who they are
 */
public record Stage(
    String key,
    String name,
    Task task,
    Map<String, String> inputs,
    List<Long> seeds,
    Optional<String> directory,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, BaseModel> models) {
  public Stage {
    inputs = Map.copyOf(inputs);
    seeds = List.copyOf(seeds);
    // Histories from before there were language models have none.
    models = models == null ? Map.of() : Map.copyOf(models);
  }

  static Stage of(
      String name,
      Task task,
      Map<String, String> inputs,
      List<Long> seeds,
      Optional<String> directory) {
    return of(name, task, inputs, seeds, directory, Map.of());
  }

  static Stage of(
      String name,
      Task task,
      Map<String, String> inputs,
      List<Long> seeds,
      Optional<String> directory,
      Map<String, BaseModel> models) {
    return new Stage(
        Keys.of(identity(task, inputs, seeds)), name, task, inputs, seeds, directory, models);
  }

  /** What the key is the hash of. */
  public Map<String, Object> identity() {
    return identity(task, inputs, seeds);
  }

  private static Map<String, Object> identity(
      Task task, Map<String, String> inputs, List<Long> seeds) {
    Map<String, Object> identity = new LinkedHashMap<>();
    identity.put("stage", task.activity());
    identity.put("version", task.version());
    identity.put("task", Keys.tree(task));
    identity.put("inputs", inputs);
    identity.put("seeds", seeds);
    return identity;
  }

  /**
   * The role of the model whose every weight was trained, and on which the adapters of the model in
   * a role stand. Nothing is in it where they stand on the model that the spec names.
   */
  public static String baseOf(String role) {
    return "base of " + role;
  }

  /** The key of the input in a role. */
  public String input(String role) {
    String key = inputs.get(role);
    if (key == null) {
      throw new IllegalStateException(name + " has no input '" + role + "'");
    }
    return key;
  }

  /** What messages call it: its kind and its name. */
  public String summary() {
    return task.activity() + " · " + name;
  }

  /** Whether parts of its work go on at a provider while no worker looks: a job, or batches. */
  public boolean goesOnElsewhere() {
    return task instanceof Task.FinetuneHosted
        || models.values().stream().anyMatch(m -> m instanceof HostedModel h && h.batch());
  }

  /** Whether it computes, as opposed to waiting for others' answers: it then uses every core. */
  public boolean computes() {
    return !task.ofLanguage() || models.values().stream().anyMatch(OpenModel.class::isInstance);
  }

  /** The beginning of the key, as people see it. */
  public String shortKey() {
    return key.substring(0, 12);
  }
}
