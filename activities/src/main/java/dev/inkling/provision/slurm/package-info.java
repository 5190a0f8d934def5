/**
 * Machines of a Slurm cluster: a job is the machine, its name is the cluster's, its comment holds
 * the labels.
 */
@NullMarked
package dev.inkling.provision.slurm;

import org.jspecify.annotations.NullMarked;
