/**
 * What an experiment is: the records that a spec (YAML or JSON) is read into, the reader that turns
 * bad input into a list of problems, and the JSON Schema made from the same records. Adding a kind
 * of model, dataset, filter, loss or evaluation is one record here; the compiler then names every
 * place that must know it.
 */
@NullMarked
package dev.inkling.spec;

import org.jspecify.annotations.NullMarked;
