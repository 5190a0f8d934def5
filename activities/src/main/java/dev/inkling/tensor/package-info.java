/**
 * The mathematics: networks, losses and whole training steps as TorchScript text (one page each,
 * under resources), called once per step through DJL; ensembles of models in one tensor;
 * counter-based randomness; safetensors files.
 */
@NullMarked
package dev.inkling.tensor;

import org.jspecify.annotations.NullMarked;
