#pragma once

#include "graph.hpp"

#include <optional>

namespace ctorch {

/// How far a cell of the node's result depends on what surrounds it in the tensors that it reads: 0 where on the same
/// cell alone. Nothing where the operator is not known to do the same at every cell of a grid that stays as it is.
std::optional<int64_t> reach_of(const Node *node);

} // namespace ctorch
