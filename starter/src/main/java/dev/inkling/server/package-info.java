/**
 * The embedded Temporal server: the real one, its SQLite file under INKLING_HOME, shared by the
 * commands that need it.
 */
@NullMarked
package dev.inkling.server;

import org.jspecify.annotations.NullMarked;
