/**
 * Language models that can be asked, whoever runs them: hosted ones behind HTTP, later open
 * weights.
 */
@NullMarked
package dev.inkling.model;

import org.jspecify.annotations.NullMarked;
