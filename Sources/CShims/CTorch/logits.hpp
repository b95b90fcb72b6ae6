#pragma once

#include "ctorch.h"
#include "graph.hpp"

#include <ATen/core/Tensor.h>

namespace ctorch {

/// What a network does last to its scores.
struct FinalActivation {
    CTorchActivation kind = CTorchActivationNone;
    /// The values before it in the shape of the output; nullptr where the target must be computed from the output.
    Value *logits = nullptr;
};

/// Walks back from the graph's first output. Only operators that move elements about lie between an output and the
/// activation whose input can be differentiated in its place; they are repeated on that input, so that every element
/// keeps its index. Behind operators that select or scale elements the activation is still named, but not undone.
/// Anything that mixes elements (linear, matmul, convolution, normalization) ends the walk: a softmax beyond belongs
/// to the network, as that of an attention.
FinalActivation find_final_activation(Graph &graph);

/// The target where no logits were found, of the output's shape: for probabilities of a sigmoid log p - log(1 - p),
/// of a softmax log p, otherwise the output itself. Finite and increasing in the output even outside of (0, 1).
at::Tensor target_from_output(const at::Tensor &output, CTorchActivation activation);

} // namespace ctorch
