/**
 * The thin layer between Temporal and the stages: heartbeats, cancellation, failure types, and the
 * rule that a stage whose artifact is there does nothing.
 */
@NullMarked
package dev.inkling.activity;

import org.jspecify.annotations.NullMarked;
