/**
 * A Hub that exists only in tests: a server on this machine that speaks the Hugging Face Hub's
 * protocol, with its storage at another address, fails on request, and remembers what it was asked
 * and what was committed.
 */
@NullMarked
package dev.inkling.hub;

import org.jspecify.annotations.NullMarked;
