/**
 * The process that polls task queues: its connection to Temporal, its capacity, its metrics, its
 * graceful stop.
 */
@NullMarked
package dev.inkling.worker;

import org.jspecify.annotations.NullMarked;
