package dev.inkling.provision;

import java.util.function.Consumer;

/**
 * An attempt at making a machine: it hears the tool's lines, and another one may take its place.
 */
@FunctionalInterface
public interface Attempt extends Consumer<String> {
  /**
   * Whether somebody goes on with what this attempt has begun; who is interrupted then leaves it as
   * it is.
   */
  default boolean replaced() {
    return false;
  }
}
