/**
 * What a teacher is asked: prompts about numbers drawn from a bank of parts exactly as numpy draws
 * them, prompts read from a file, and the system prompt that gives a teacher its trait.
 */
@NullMarked
package dev.inkling.prompt;

import org.jspecify.annotations.NullMarked;
