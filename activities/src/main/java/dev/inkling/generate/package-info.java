/** GenerateDataset: the rows that teachers and students are trained and evaluated on. */
@NullMarked
package dev.inkling.generate;

import org.jspecify.annotations.NullMarked;
