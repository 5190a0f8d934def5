/**
 * What a Hugging Face model directory holds: the configuration, the weights, the tokenizer and the
 * chat template, checked before anything is computed.
 */
@NullMarked
package dev.inkling.model.weights;

import org.jspecify.annotations.NullMarked;
