#include "optimization.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/common_subexpression_elimination.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/frozen_conv_folding.h>
#include <torch/csrc/jit/passes/frozen_graph_optimizations.h>

#include <string>

namespace ctorch {

using torch::jit::toIValue;
using torch::jit::WithInsertPoint;

void make_weights_channels_last(Graph &graph) {
    for (Node *node : all_nodes(graph.block())) {
        if (node->kind() != c10::prim::Constant) continue;
        const auto value = toIValue(node->output());
        if (!value || !value->isTensor() || value->toTensor().dim() != 4 || !value->toTensor().is_floating_point()) {
            continue;
        }
        const at::Tensor weights = value->toTensor().contiguous(at::MemoryFormat::ChannelsLast);
        WithInsertPoint at(node);
        node->output()->replaceAllUsesWith(graph.insertConstant(weights));
    }
}

void fold_for_inference(std::shared_ptr<Graph> &graph) {
    torch::jit::OptimizeFrozenGraph(graph, /*optimize_numerics=*/true);
    torch::jit::EliminateCommonSubexpression(graph);
    torch::jit::EliminateDeadCode(graph);
}

void fold_for_gradients(std::shared_ptr<Graph> &graph) {
    torch::jit::FoldFrozenConvBatchnorm(graph);
    torch::jit::ConstantPropagation(graph);
    torch::jit::EliminateDeadCode(graph);
}

void reuse_memory(Graph &graph) {
    for (Node *node : std::vector<Node *>(graph.nodes().begin(), graph.nodes().end())) {
        const bool can_overwrite = is_one_of(node, {"aten::relu", "aten::relu6", "aten::hardtanh", "aten::silu",
                                                    "aten::hardswish"});
        if (!can_overwrite) continue;
        Value *input = node->input(0);
        // Fresh results alone: anything else could be an alias.
        const bool is_fresh = is_one_of(input->node(), {"aten::conv2d", "aten::_convolution", "aten::batch_norm",
                                                        "ctorch::convolution", "ctorch::convolution_add",
                                                        "mkldnn::_convolution_pointwise"});
        // An output of the graph counts as a use.
        if (!is_fresh || input->uses().size() != 1) continue;
        replace_operator(node, std::string(node->kind().toQualString()) + "_");
    }
}

} // namespace ctorch
