package dev.inkling.ask;

import dev.inkling.model.Question;

/** A question and the number under which its answer is wanted. */
public record Asked(long index, Question question) {}
