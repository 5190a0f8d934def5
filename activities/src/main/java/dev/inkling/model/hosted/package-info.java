/**
 * Models behind HTTP: whose key and address, one request and its answer, what an error means,
 * whether a model is there at all and what it costs. Trying again and keeping a pace are not here:
 * one call is one request.
 */
@NullMarked
package dev.inkling.model.hosted;

import org.jspecify.annotations.NullMarked;
