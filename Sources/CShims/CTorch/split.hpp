#pragma once

#include "graph.hpp"

namespace ctorch {

/// A network's graph cut at target layers. Skip connections that cross the cut are further inputs of the suffix.
struct Split {
    /// Where a target layer's activation is found in a pass.
    struct Target {
        bool is_inner;   ///< Computed from another target: an output of the suffix. Otherwise one of its inputs.
        size_t index;
    };

    std::shared_ptr<Graph> prefix;   ///< image -> crossing values
    std::shared_ptr<Graph> suffix;   ///< [image,] crossing values -> the network's outputs, inner targets
    bool suffix_reads_image;         ///< The image is the suffix's first input.
    std::vector<Target> targets;
};

/// What is computed from a target but does not lead to a differentiated output, as the boxes of a detector, belongs to
/// the prefix: it needs no gradient.
///
/// - output_count: the graph's first outputs are the network's, the others are the targets.
/// - differentiated: those of the network's outputs that gradients are taken of.
/// Fails with UnsupportedModel where in-place operators tie the two sides together.
Split split_at_targets(const std::shared_ptr<Graph> &graph, size_t output_count,
                       const std::vector<size_t> &differentiated);

} // namespace ctorch
