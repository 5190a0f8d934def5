/**
 * Finetune: teachers and students, trained in ensembles, with checkpoints from which any attempt
 * goes on exactly.
 */
@NullMarked
package dev.inkling.finetune;

import org.jspecify.annotations.NullMarked;
