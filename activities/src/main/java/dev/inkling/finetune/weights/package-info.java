/**
 * Finetune for models whose weights one holds: low-rank adapters or every weight, on the worker,
 * with checkpoints from which any attempt goes on exactly.
 */
@NullMarked
package dev.inkling.finetune.weights;

import org.jspecify.annotations.NullMarked;
