/**
 * The command line: start, watch and report experiments; the server, the worker and the store
 * beside them.
 */
@NullMarked
package dev.inkling.starter;

import org.jspecify.annotations.NullMarked;
