#pragma once

#include "ctorch.h"
#include "layers.hpp"
#include "pyramid.hpp"

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/compilation_unit.h>

#include <memory>
#include <string>
#include <vector>

namespace ctorch {

/// A network as one graph: image -> output, logits where they were found and their parts, activations.
struct Network {
    std::shared_ptr<Graph> graph;
    /// What the graph was inlined from. Its nodes point to these functions, and libtorch reads their names when an
    /// operator fails. Holds no weights.
    std::shared_ptr<torch::jit::CompilationUnit> functions;
    size_t score_count = 1;          ///< 1: the output alone. 2: the output and the logits.
    size_t part_count = 0;           ///< Outputs behind those: see FinalActivation::parts.
    CTorchActivation activation = CTorchActivationNone;
    std::vector<Layer> layers;       ///< Outputs behind those.
    std::vector<Level> levels;       ///< Of a detector's pyramid, the finest first.
    Sizes probe_sizes;               ///< N,C,H,W
    Sizes output_sizes;              ///< In the probe.
    at::Tensor probe_scores;         ///< Last output of the `score_count` for `probe_image(probe_sizes, 0)`.
};

/// Images that a network is tried with, the same ones every time. A network that is dead on one (every ReLU closed)
/// may live on another: variant 0 is uniform in [0, 1), 1 is standard normal, 2 is uniform in [0, 255).
constexpr size_t probe_variants = 3;
at::Tensor probe_image(const Sizes &sizes, size_t variant);

/// Reads a TorchScript file; see `ctorch_model_load` for `input` and the failures.
Network load_network(const std::string &path, const CTorchShape &input);

} // namespace ctorch
