package dev.inkling.workflow;

import dev.inkling.plan.Stage;

/** What the workflow asks of a stage. */
public record StageRequest(String experiment, Stage stage) {}
