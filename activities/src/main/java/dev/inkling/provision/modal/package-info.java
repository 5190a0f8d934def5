/** Modal: its command line, and functions of it that are workers. */
@NullMarked
package dev.inkling.provision.modal;

import org.jspecify.annotations.NullMarked;
