/**
 * From what somebody wrote (YAML, JSON, a preset's name, overrides) to one document, and from there
 * to a plan.
 */
@NullMarked
package dev.inkling.preset;

import org.jspecify.annotations.NullMarked;
