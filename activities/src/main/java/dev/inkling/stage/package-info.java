/** What every stage is given and gives back, whoever calls it. */
@NullMarked
package dev.inkling.stage;

import org.jspecify.annotations.NullMarked;
