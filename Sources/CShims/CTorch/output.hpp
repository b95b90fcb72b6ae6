#pragma once

#include "graph.hpp"

namespace ctorch {

/// Makes the first tensor among a graph's outputs (of a tuple, list or dictionary, in order) its only output.
/// Fails with UnsupportedModel where there is none.
void keep_first_tensor(const std::shared_ptr<Graph> &graph);

} // namespace ctorch
