/**
 * Machines that are made for an experiment and taken down after it: one interface, an
 * implementation for each tool that makes them.
 */
@NullMarked
package dev.inkling.provision;

import org.jspecify.annotations.NullMarked;
