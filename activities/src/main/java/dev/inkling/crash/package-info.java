/** Named points at which a test can make the process end, beside every effect on the world. */
@NullMarked
package dev.inkling.crash;

import org.jspecify.annotations.NullMarked;
