#pragma once

#include "epilogue.hpp"
#include "precision.hpp"

#include <ATen/core/ivalue.h>

namespace ctorch {

// What packing needs of oneDNN. With libtorch 2 its own operators do it (pointwise_convolution.cpp); that of libtorch
// 1.13 can fuse a ReLU alone, so that oneDNN is called directly there (onednn_convolution.cpp).

/// Whether oneDNN's convolutions can be called here.
bool can_fuse_convolutions();

/// Whether an addition behind an activation can be fused.
extern const bool can_add_to_activation;

/// Whether a convolution may pad by more behind than before.
extern const bool can_pad_unevenly;

/// Whether there is a `differentiable_call`.
extern const bool can_differentiate;

/// The weights in the form that `fused_call` takes; None where oneDNN has no good implementation.
/// - input: typical sizes of the input; empty where they are not known.
c10::IValue packed_weights(const Convolution &convolution, const Epilogue &epilogue, const Sizes &input,
                           Precision precision);

/// The call, not in the graph yet; nodes that it needs are inserted.
Node *fused_call(Graph &graph, const Convolution &convolution, const Epilogue &epilogue, Value *weights);

/// The call for a graph with gradients, of weights without an epilogue.
Node *differentiable_call(Graph &graph, const Convolution &convolution, Value *weights);

/// Lets additions write into the addend's memory where nobody reads it any more. For when all calls are in the graph.
void overwrite_addends(Graph &graph);

} // namespace ctorch
