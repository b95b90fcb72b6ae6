#pragma once

#include "layers.hpp"

#include <vector>

namespace ctorch {

/// A level of a detector's feature pyramid: the grid that some of the output's rows are computed on.
struct Level {
    size_t head_input;   ///< Index of the layer of this grid that everything of the level passes through last.
    size_t context;      ///< The last one before the block that ends there; the same where there is no such block.
    bool is_pointwise;   ///< Only 1 x 1 operators lie between the head's input and a row: one cell decides it.
};

/// The levels of the pyramid behind a detector's output, the finest first; empty where there is none.
///
/// - probe_sizes: the N,C,H,W that the layers' sizes were measured with.
std::vector<Level> find_levels(Graph &graph, const std::vector<Layer> &layers, const Sizes &probe_sizes);

} // namespace ctorch
