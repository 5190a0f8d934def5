package dev.inkling.workflow;

import java.util.Optional;

/**
 * What a running stage tells with its heartbeat: a hint for people; the truth is the checkpoint.
 *
 * @param key the stage's key
 * @param done how many units are done
 * @param total of how many
 * @param unit what is counted: steps, rows
 * @param perSecond units per second, lately
 * @param loss the training loss, where there is one
 * @param note what it waits for, or from where it went on
 */
public record StageBeat(
    String key,
    long done,
    long total,
    String unit,
    double perSecond,
    Optional<Double> loss,
    Optional<String> note) {
  /** A word about a stage that counts nothing now. */
  public static StageBeat of(String key, String note) {
    return new StageBeat(key, 0, 0, "", 0, Optional.empty(), Optional.of(note));
  }
}
