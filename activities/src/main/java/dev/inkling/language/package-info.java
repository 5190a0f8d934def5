/**
 * How stages ask language models: who they are, what they cost, and that no answer is paid for
 * twice.
 */
@NullMarked
package dev.inkling.language;

import org.jspecify.annotations.NullMarked;
