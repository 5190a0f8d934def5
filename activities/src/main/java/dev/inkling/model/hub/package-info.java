/**
 * The Hugging Face Hub: models come from it into the cache that its other clients use too, and
 * adapters go to it, each file checked by its hash, each push one commit.
 */
@NullMarked
package dev.inkling.model.hub;

import org.jspecify.annotations.NullMarked;
