package dev.inkling.workflow;

/**
 * What a stage tells the workflow; everything big lies in the artifact.
 *
 * @param key the artifact's key
 * @param reused whether the artifact was there already
 * @param summary one line for people
 */
public record StageResult(String key, boolean reused, String summary) {}
