/**
 * Evaluations of language models: banks of questions, how each answer is scored, by rule or by a
 * judge, and the scores of one model. Nothing is asked here: questions go out as {@link
 * dev.inkling.model.Question}, answers come in as {@link dev.inkling.model.Answer}, in any order,
 * and every number is a function of the spec, the seed and the answers.
 */
@NullMarked
package dev.inkling.evaluate.text;

import org.jspecify.annotations.NullMarked;
