/** Evaluate: one number for each model, which says how much of the trait it has. */
@NullMarked
package dev.inkling.evaluate;

import org.jspecify.annotations.NullMarked;
