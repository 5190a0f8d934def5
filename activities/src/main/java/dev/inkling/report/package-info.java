/**
 * Report: the statistics, the figure, the table and the page that answer an experiment's question.
 */
@NullMarked
package dev.inkling.report;

import org.jspecify.annotations.NullMarked;
