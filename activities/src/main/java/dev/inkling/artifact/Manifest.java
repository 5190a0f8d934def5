package dev.inkling.artifact;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an artifact is, how it came about, and what it holds.
 *
 * @param key the artifact's key
 * @param identity what the key is the hash of: stage, version, task, inputs, seeds
 * @param name what the experiment that made it called it
 * @param summary the outcome in one line
 * @param files every file's size and SHA-256, by name
 * @param made when, by what and for how long: the only part that differs from run to run
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record Manifest(
    String key,
    JsonNode identity,
    String name,
    String summary,
    Map<String, FileEntry> files,
    Made made) {
  /** The manifest's own name in the artifact's directory. */
  public static final String FILE = "manifest.json";

  public Manifest {
    files = Collections.unmodifiableMap(new TreeMap<>(files));
  }

  /** A file of an artifact. */
  public record FileEntry(long bytes, String sha256) {}

  /**
   * The circumstances.
   *
   * @param at when it was published, ISO 8601
   * @param seconds the work that was done for it, over all attempts that left a checkpoint, until
   *     its files were on the disk
   * @param attempts how many attempts worked on it, each look at a provider's job included
   * @param versions of Inkling, Java and torch
   */
  public record Made(String at, double seconds, int attempts, Map<String, String> versions) {}

  /** The stage's kind, as the identity says it. */
  public String stage() {
    return identity.path("stage").asText();
  }

  /** The experiment that this is the report of, if it is a report. */
  public Optional<String> reportOf() {
    return stage().equals("Report")
        ? Optional.of(identity.path("experiment").asText())
        : Optional.empty();
  }

  /** The size of all files. */
  public long bytes() {
    return files.values().stream().mapToLong(FileEntry::bytes).sum();
  }
}
