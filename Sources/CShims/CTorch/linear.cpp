// A linear layer of one row. libtorch takes a matrix product for it, for which OpenBLAS copies all weights into its own
// order first; a product with a vector reads them once, forward and backward.
#include "optimization.hpp"

#include <ATen/ATen.h>
#include <torch/library.h>

namespace {

/// input: ..., in; weights: out, in; bias: out or none.
at::Tensor linear(const at::Tensor &input, const at::Tensor &weights, const c10::optional<at::Tensor> &bias) {
    const bool is_row = input.dim() == 2 && input.size(0) == 1 && weights.dim() == 2 && input.size(1) > 0 &&
                        input.size(1) == weights.size(1);
    if (!is_row) return at::linear(input, weights, bias);
    const bool has_bias = bias.has_value() && bias->defined();
    const at::Tensor row = input.select(0, 0);
    return (has_bias ? at::addmv(*bias, weights, row) : at::mv(weights, row)).unsqueeze(0);
}

} // namespace

TORCH_LIBRARY_FRAGMENT(ctorch, library) {
    library.def("linear(Tensor input, Tensor weights, Tensor? bias) -> Tensor", linear);
}

namespace ctorch {

void use_vector_products(Graph &graph) {
    for (Node *node : all_nodes(graph.block())) {
        if (is_one_of(node, {"aten::linear"})) replace_operator(node, "ctorch::linear");
    }
}

} // namespace ctorch
