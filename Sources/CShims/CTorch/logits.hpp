#pragma once

#include "ctorch.h"
#include "graph.hpp"

#include <ATen/core/Tensor.h>

#include <vector>

namespace ctorch {

/// What a network does last to its scores.
struct FinalActivation {
    CTorchActivation kind = CTorchActivationNone;
    /// The values before it in the shape of the output; nullptr where the target must be computed from the output.
    Value *logits = nullptr;
    /// Of a detector: what its class logits are put together from, level by level. Differentiating the one that holds
    /// an element leaves out the other levels, and the branch of the boxes. Otherwise empty.
    std::vector<Value *> parts;
    /// Which of the parts an output depends on is another matter with every image: it holds the best rows alone.
    bool picks_rows = false;
};

/// Walks back from the graph's first output. Only operators that move elements about lie between an output and the
/// activation whose input can be differentiated in its place; they are repeated on that input, so that every element
/// keeps its index. A sigmoid is undone behind operators that select elements, too, since it takes each by itself.
/// Behind other operators that select or scale elements the activation is still named, but not undone: of a detector's
/// row (rank 3) the coordinates stay what they are, while objectness and classes become logits. Anything that mixes
/// elements (linear, matmul, convolution, normalization) ends the walk: a softmax beyond belongs to the network, as
/// that of an attention.
///
/// - is_detector: the output has a row for each box.
FinalActivation find_final_activation(Graph &graph, bool is_detector);

/// The target where no logits were found, of the output's shape: for probabilities of a sigmoid log p - log(1 - p),
/// of a softmax log p, otherwise the output itself. Finite and increasing in the output even outside of (0, 1).
at::Tensor target_from_output(const at::Tensor &output, CTorchActivation activation);

} // namespace ctorch
