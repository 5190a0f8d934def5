package dev.inkling.spec;

/**
 * One thing that is wrong with a spec.
 *
 * @param path where, as in {@code datasets.noise.rows} or {@code seeds[2]}; empty for the whole
 *     document
 * @param message what, for people
 */
public record Problem(String path, String message) {
  @Override
  public String toString() {
    return path.isEmpty() ? message : path + ": " + message;
  }
}
