/**
 * Decoder-only transformers: the network, LoRA adapters beside it and its training. The mathematics
 * stands in pages of TorchScript among the resources, one page for each way in which families of
 * models differ.
 */
@NullMarked
package dev.inkling.tensor.transformer;

import org.jspecify.annotations.NullMarked;
