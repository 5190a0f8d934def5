package dev.inkling.tracking;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * An experiment in a list.
 *
 * @param state {@code done} or {@code unfinished}
 * @param stages how many there are
 * @param stagesDone of how many the artifact is there
 * @param conditions how many there are
 * @param seeds in ascending order
 * @param tokens what its artifacts have cost, whichever experiment made them
 * @param usd empty where a price is unknown
 * @param made when the report was made, or the last artifact so far; ISO 8601, UTC
 * @param lines the conditions that the filter takes, if it speaks of conditions
 */
public record Listed(
    String experiment,
    String name,
    String question,
    Optional<String> preset,
    String state,
    long stages,
    long stagesDone,
    long conditions,
    List<Long> seeds,
    long tokens,
    OptionalDouble usd,
    Optional<String> made,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Line> lines) {
  public Listed {
    seeds = List.copyOf(seeds);
    lines = List.copyOf(lines);
  }

  /**
   * A condition under a metric; without numbers before there is a report.
   *
   * @param low and high: the ends of the 95 % interval, empty where one value says nothing of it
   */
  public record Line(
      String condition,
      String metric,
      OptionalLong n,
      OptionalDouble mean,
      OptionalDouble low,
      OptionalDouble high) {}
}
