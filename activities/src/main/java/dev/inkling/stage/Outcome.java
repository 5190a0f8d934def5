package dev.inkling.stage;

/**
 * What a stage has done; its files lie in the work's output.
 *
 * @param summary one line for people
 * @param seconds the work done for it, over all attempts that left a checkpoint
 */
public record Outcome(String summary, double seconds) {}
