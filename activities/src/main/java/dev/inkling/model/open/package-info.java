/**
 * Models whose weights one holds, asked in this process: many questions at once share the passes
 * through the network, answers can be made to match a pattern, and the probability of a given
 * answer is exact.
 */
@NullMarked
package dev.inkling.model.open;

import org.jspecify.annotations.NullMarked;
