#pragma once

#include "graph.hpp"

namespace ctorch {

/// Adapts what the exporter baked into a graph to how it runs here: in evaluation mode (dropout and batch
/// normalization of a network that was traced while training), in float32, on the CPU.
void adapt_to_evaluation(Graph &graph);

/// `view` as `reshape`, wherever no write could tell the difference: views assume row-major memory, activations are
/// channels-last here. Returns whether no view is left.
bool replace_views(const std::shared_ptr<Graph> &graph);

} // namespace ctorch
