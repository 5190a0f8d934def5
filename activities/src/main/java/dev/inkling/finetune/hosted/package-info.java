/** Has a hosted model fine-tuned by its provider: the training file, the job, the new model. */
@NullMarked
package dev.inkling.finetune.hosted;

import org.jspecify.annotations.NullMarked;
