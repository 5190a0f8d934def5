/**
 * SkyPilot: its command line, what it prints, and the machines that it brings up in a cloud or
 * wherever else it can.
 */
@NullMarked
package dev.inkling.provision.sky;

import org.jspecify.annotations.NullMarked;
