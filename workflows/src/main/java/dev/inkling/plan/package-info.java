/**
 * What will be done: a spec resolved into stages, each with its key, and the trials that need them.
 * Pure functions of the spec; the same stage in two experiments has the same key and is done once.
 */
@NullMarked
package dev.inkling.plan;

import org.jspecify.annotations.NullMarked;
