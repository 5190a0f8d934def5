/**
 * {@code inkling serve}: the reports of all experiments, and those under way, as web pages on
 * loopback. It only reads: the store, and a Temporal service that runs anyway.
 */
@NullMarked
package dev.inkling.serve;

import org.jspecify.annotations.NullMarked;
