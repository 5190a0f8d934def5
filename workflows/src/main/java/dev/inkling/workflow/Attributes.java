package dev.inkling.workflow;

import io.temporal.common.SearchAttributeKey;
import java.util.List;

/** The search attributes of an experiment; every Temporal service that runs Inkling knows them. */
public final class Attributes {
  /** The experiment's name. */
  public static final SearchAttributeKey<String> EXPERIMENT =
      SearchAttributeKey.forKeyword("InklingExperiment");

  /** The preset it started from. */
  public static final SearchAttributeKey<String> PRESET =
      SearchAttributeKey.forKeyword("InklingPreset");

  /** Planning, Running, Paused, Completed, Cancelled or Failed. */
  public static final SearchAttributeKey<String> STATE =
      SearchAttributeKey.forKeyword("InklingState");

  private Attributes() {}

  /** The names, all of type Keyword. */
  public static List<String> names() {
    return List.of(EXPERIMENT.getName(), PRESET.getName(), STATE.getName());
  }
}
