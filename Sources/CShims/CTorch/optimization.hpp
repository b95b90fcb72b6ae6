#pragma once

#include "graph.hpp"
#include "precision.hpp"

#include <ATen/core/Tensor.h>

namespace ctorch {

/// Convolution weights as constants in channels-last memory, in which oneDNN is fastest.
void make_weights_channels_last(Graph &graph);

/// Folds what is constant: batch normalizations, additions and factors into the convolutions before them.
void fold_for_inference(std::shared_ptr<Graph> &graph);

/// The same as far as a gradient may still be asked for.
void fold_for_gradients(std::shared_ptr<Graph> &graph);

/// Makes every 2-D convolution with constant weights one call of oneDNN, its weights packed once, together with the
/// activation behind it where the library can do that. The packed weights become further inputs of the graph, in the
/// order of what is returned. Not bound to the probe's size or batch: `probe` tells typical sizes only.
std::vector<c10::IValue> pack_convolutions(const std::shared_ptr<Graph> &graph, const at::Tensor &probe,
                                           Precision precision);

/// The same for a graph with gradients: each convolution alone, differentiable with respect to its input.
/// What comes in and out is float32 in every precision.
std::vector<c10::IValue> pack_differentiable_convolutions(const std::shared_ptr<Graph> &graph, Precision precision);

/// Linear layers read their weights once where there is one row.
void use_vector_products(Graph &graph);

/// Activations overwrite the convolution's result where nobody else reads it. For graphs without gradients alone.
void reuse_memory(Graph &graph);

} // namespace ctorch
