package dev.inkling.stage;

/**
 * What a stage has done; its files lie in the work's output.
 *
 * @param summary one line for people
 * @param seconds the work done for it, over all attempts that left a checkpoint
 * @param amount how much was done, over all attempts
 * @param unit what is counted: rows or steps
 */
public record Outcome(String summary, double seconds, long amount, String unit) {}
