package dev.inkling.workflow;

import java.util.Optional;

/**
 * A checked sweep: every point can be run.
 *
 * @param id the sweep's identity: its experiment's name and the beginning of the hash of its points
 * @param preset the preset that all points start from
 * @param points how many there are
 */
public record SweepPlan(
    String id, String name, String question, Optional<String> preset, int points) {}
