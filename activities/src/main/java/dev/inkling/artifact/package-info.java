/**
 * The store: immutable, content-addressed artifacts, published whole or not at all, and the claims
 * that let one attempt at a time make one.
 */
@NullMarked
package dev.inkling.artifact;

import org.jspecify.annotations.NullMarked;
