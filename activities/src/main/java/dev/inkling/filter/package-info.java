/** Filter: which rows a student never sees, and why. */
@NullMarked
package dev.inkling.filter;

import org.jspecify.annotations.NullMarked;
