package dev.inkling.model.hosted;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A model as it was after a step of its fine-tuning; it can be asked.
 *
 * @param model its name
 * @param json all that the provider says of it
 */
public record TuningCheckpoint(String model, long step, JsonNode json) {}
