/**
 * The protocol: the deterministic workflow of an experiment, the activities it calls, and the
 * vocabulary of what they tell each other. Nothing here touches files, clocks or networks.
 */
@NullMarked
package dev.inkling.workflow;

import org.jspecify.annotations.NullMarked;
