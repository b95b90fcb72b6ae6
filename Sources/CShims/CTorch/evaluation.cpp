#include "evaluation.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/ir/constants.h>

#include <optional>

namespace ctorch {
namespace {

using torch::jit::toIValue;
using torch::jit::WithInsertPoint;

bool is_other_float(at::ScalarType type) {
    return type == at::kDouble || type == at::kHalf || type == at::kBFloat16;
}

/// The value that a constant should have here, where that is another one.
std::optional<c10::IValue> adapted(const c10::IValue &value) {
    if (value.isTensor() && value.toTensor().defined()) {
        at::Tensor tensor = value.toTensor();
        // Tensors without a dimension are numbers: their type does not spread to what they are combined with.
        const bool convert = is_other_float(tensor.scalar_type()) && tensor.dim() > 0;
        if (!convert && !tensor.requires_grad() && tensor.is_cpu()) return std::nullopt;
        tensor = tensor.detach().cpu();
        return convert ? tensor.to(at::kFloat) : tensor;
    }
    if (value.isDevice() && !value.toDevice().is_cpu()) return c10::Device(at::kCPU);
    return std::nullopt;
}

void replace_input(Node *node, int index, const c10::IValue &value) {
    WithInsertPoint at(node);
    node->replaceInput(static_cast<size_t>(index), node->owningGraph()->insertConstant(value));
}

void adapt_constant(Node *node) {
    const auto value = toIValue(node->output());
    const auto replacement = value ? adapted(*value) : std::nullopt;
    if (!replacement) return;
    WithInsertPoint at(node);
    node->output()->replaceAllUsesWith(node->owningGraph()->insertConstant(*replacement));
}

void leave_training(Node *node) {
    for (const char *name : {"training", "train"}) {
        const int index = argument(node, name);
        if (index < 0) continue;
        const auto training = toIValue(node->input(static_cast<size_t>(index)));
        if (!training || !training->isBool() || !training->toBool()) continue;
        // Without running statistics a batch normalization has nothing but the batch to go by.
        const int statistics = argument(node, "running_mean");
        if (statistics >= 0 && node->input(static_cast<size_t>(statistics))->mustBeNone()) continue;
        replace_input(node, index, false);
    }
}

void compute_in_float(Node *node) {
    const int index = argument(node, "dtype");
    if (index < 0) return;
    const auto type = toIValue(node->input(static_cast<size_t>(index)));
    if (!type || !type->isInt() || !is_other_float(static_cast<at::ScalarType>(type->toInt()))) return;
    replace_input(node, index, static_cast<int64_t>(at::kFloat));
}

} // namespace

void adapt_to_evaluation(Graph &graph) {
    for (Node *node : all_nodes(graph.block())) {
        if (node->kind() == c10::prim::Constant) {
            adapt_constant(node);
        } else {
            leave_training(node);
            compute_in_float(node);
        }
    }
}

bool replace_views(const std::shared_ptr<Graph> &graph) {
    const torch::jit::AliasDb aliases(graph);
    bool all_replaced = true;
    for (Node *node : all_nodes(graph->block())) {
        const bool takes_a_type = argument(node, "dtype") >= 0;
        if (!is_one_of(node, {"aten::view", "aten::_unsafe_view"}) || takes_a_type) continue;
        if (aliases.hasWriters(node)) {
            all_replaced = false;
            continue;
        }
        replace_operator(node, "aten::reshape");
    }
    return all_replaced;
}

} // namespace ctorch
