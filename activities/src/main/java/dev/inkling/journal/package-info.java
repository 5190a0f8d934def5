/**
 * Answers as they arrive, kept on the disk one by one, so that a crash costs what was in flight and
 * nothing else.
 */
@NullMarked
package dev.inkling.journal;

import org.jspecify.annotations.NullMarked;
