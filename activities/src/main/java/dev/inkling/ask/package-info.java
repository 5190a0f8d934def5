/**
 * Asks a language model very many questions: many at once, as fast as its limits allow, each tried
 * again where that can help, each answer handed over as it arrives. One thread decides everything
 * and is the only one that touches any state; a request is a virtual thread that waits.
 */
@NullMarked
package dev.inkling.ask;

import org.jspecify.annotations.NullMarked;
