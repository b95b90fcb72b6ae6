#pragma once

#include "graph.hpp"

#include <string>
#include <vector>

namespace ctorch {

/// A value that may become a target layer.
struct Activation {
    std::string path;       ///< The dotted path of the module that returned it, or "aten::relu.3".
    std::string operation;  ///< The module's class, or the operator.
    bool from_module;
};

/// Writes into the graph that `value` is activation `index`, and returns the node that says so. The name is a
/// pass-through operator behind the value: it survives inlining and constant folding, and alias analysis sees
/// through it.
Node *mark_activation(Graph &graph, Value *value, size_t index);

/// Turns the marks into further outputs of the graph, and in-place operators into ordinary ones where that can be
/// proven to change nothing. In-place operators that follow on an activation (`out += identity`, `relu_`) act on a
/// clone of it, so that the output is what the module returned. Returns for every output that was added the index
/// that it was marked with; activations that cannot be protected from later writes are left out.
std::vector<size_t> resolve_marks(std::shared_ptr<Graph> &graph);

} // namespace ctorch
