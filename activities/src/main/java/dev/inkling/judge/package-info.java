/** Models that judge what other models wrote: what they are told, and what their replies mean. */
@NullMarked
package dev.inkling.judge;

import org.jspecify.annotations.NullMarked;
