/**
 * The tracking database: everything that experiments did, as tables that can be asked. It is
 * derived from the store and holds nothing of its own, so it can be built anew at any time, and
 * nothing breaks while it is away. SQLite beside the store, or PostgreSQL where the environment
 * names one.
 */
@NullMarked
package dev.inkling.tracking;

import org.jspecify.annotations.NullMarked;
