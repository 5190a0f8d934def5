package dev.inkling.evaluate.text;

import dev.inkling.model.Question;

/**
 * One of an evaluation's requests.
 *
 * @param index its number in the evaluation, from 0
 * @param question the number of the bank's question, from 0
 * @param sample how often that question was asked before
 * @param text what the model is asked, for judges and for people
 * @param request what to send; a model that bears a system prompt adds it in front
 */
public record Asked(int index, int question, int sample, String text, Question request) {}
