/** What an experiment would ask and cost, before anybody is asked. */
@NullMarked
package dev.inkling.estimate;

import org.jspecify.annotations.NullMarked;
