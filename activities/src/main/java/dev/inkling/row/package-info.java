/** Rows of text: what a teacher wrote and a student reads, as JSON lines. */
@NullMarked
package dev.inkling.row;

import org.jspecify.annotations.NullMarked;
