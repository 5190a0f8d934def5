package dev.inkling.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Locale;
import java.util.Optional;

/**
 * The machines that one run of an experiment had made for it. Not what an artifact was computed
 * from, so no key and no result depends on it.
 *
 * @param used how many came up, one after the other
 * @param lost how many of them were lost, or given up because their workers were silent
 * @param waitedMinutes how long was waited until they were up
 * @param lostMinutes the part of it that losses have cost: from the moment when a loss was noticed
 *     until the next machine was up. What was computed since the last checkpoint comes on top
 * @param hours how long they were there
 * @param usd what that has cost, at most; empty where a price is not known
 */
public record MachineUse(
    int used,
    int lost,
    double waitedMinutes,
    double lostMinutes,
    double hours,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Double> usd) {

  /** What people read. */
  public String sentence() {
    return String.format(
        Locale.ROOT,
        "%d used for %.2f hours, %s%s; %.1f minutes waited for machines%s",
        used,
        hours,
        usd.map(u -> String.format(Locale.ROOT, "$%.2f", u)).orElse("no price known"),
        lost == 0 ? "" : String.format(Locale.ROOT, ", %d lost", lost),
        waitedMinutes,
        lost == 0 ? "" : String.format(Locale.ROOT, ", %.1f of these after losses", lostMinutes));
  }
}
