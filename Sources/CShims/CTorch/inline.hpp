#pragma once

#include "marker.hpp"

#include <torch/csrc/jit/api/module.h>

namespace ctorch {

/// The `forward` of a module as one graph of the image alone: calls inlined, weights as constants, `if`s on constants
/// decided. The activations of the top level are marked with their index in `activations`.
struct InlinedForward {
    std::shared_ptr<Graph> graph;
    std::vector<Activation> activations;
};

/// Fails with UnsupportedModel: a `forward` that wants more than one tensor, or that changes the module.
InlinedForward inline_forward(const torch::jit::Module &module);

} // namespace ctorch
