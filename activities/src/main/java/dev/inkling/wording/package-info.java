/** Words: the texts that models are asked with, and what stands in the texts that they answer. */
@NullMarked
package dev.inkling.wording;

import org.jspecify.annotations.NullMarked;
