/**
 * Stand-ins for tools that make machines, where the real ones cannot be had: Python programs whose
 * machines are processes. Other modules' tests may use them too.
 */
@NullMarked
package dev.inkling.provision.fake;

import org.jspecify.annotations.NullMarked;
