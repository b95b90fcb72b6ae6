#include "logits.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/jit/ir/constants.h>

#include <limits>
#include <unordered_map>

namespace ctorch {
namespace {

/// More operators than stand behind any network's scores.
constexpr size_t maximum_steps = 256;

CTorchActivation activation_of(const Node *node) {
    if (is_one_of(node, {"aten::softmax", "aten::_softmax", "aten::special_softmax"})) return CTorchActivationSoftmax;
    if (is_one_of(node, {"aten::log_softmax", "aten::_log_softmax", "aten::special_log_softmax"})) {
        return CTorchActivationLogSoftmax;
    }
    return is_one_of(node, {"aten::sigmoid", "aten::special_expit"}) ? CTorchActivationSigmoid
                                                                    : CTorchActivationNone;
}

bool moves_elements(const Node *node) {
    return is_one_of(node, {"aten::view", "aten::reshape", "aten::permute", "aten::transpose", "aten::t",
                            "aten::flatten", "aten::unflatten", "aten::squeeze", "aten::unsqueeze", "aten::movedim",
                            "aten::contiguous", "aten::clone", "aten::alias", "aten::to", "aten::dropout"});
}

bool joins_elements(const Node *node) {
    return is_one_of(node, {"aten::cat", "aten::concat", "aten::stack"}) &&
           node->input(0)->node()->kind() == c10::prim::ListConstruct;
}

bool selects_or_scales(const Node *node) {
    return joins_elements(node) || moves_elements(node) || node->kind() == c10::prim::ListUnpack ||
           is_one_of(node, {"aten::select", "aten::slice", "aten::narrow", "aten::index", "aten::index_select",
                            "aten::gather", "aten::chunk", "aten::split", "aten::split_with_sizes", "aten::unbind",
                            "aten::__getitem__", "aten::mul", "aten::div", "aten::add", "aten::sub", "aten::rsub",
                            "aten::clamp", "aten::clamp_min", "aten::clamp_max"});
}

class Walk {
public:
    explicit Walk(Graph &graph) : graph_(graph) {}

    FinalActivation run() {
        Value *output = graph_.outputs()[0];
        const bool is_certain = follow(output);
        const bool can_undo = is_certain && kind_ != CTorchActivationNone;
        return {kind_, can_undo ? without_activation(output) : nullptr};
    }

private:
    /// Looks for activations behind `value`, through elements that are only moved. Returns false where they are
    /// behind operators that cannot be repeated on logits.
    bool follow(Value *value) {
        if (++steps_ > maximum_steps) return false;
        Node *node = value->node();
        const CTorchActivation activation = activation_of(node);
        if (activation != CTorchActivationNone) {
            kind_ = activation;
            return true;
        }
        if (moves_elements(node)) return follow(node->input(0));
        if (joins_elements(node)) {
            bool is_certain = true;
            for (Value *part : node->input(0)->node()->inputs()) is_certain &= follow(part);
            return is_certain;
        }
        return !is_behind(value);
    }

    /// Looks further back, through elements that are selected or scaled by constants.
    bool is_behind(Value *value) {
        if (++steps_ > maximum_steps) return false;
        Node *node = value->node();
        const CTorchActivation activation = activation_of(node);
        if (activation != CTorchActivationNone) {
            kind_ = activation;
            return true;
        }
        if (!selects_or_scales(node)) return false;
        Node *list = joins_elements(node) ? node->input(0)->node() : node;
        const CTorchActivation kind_before = kind_;
        bool found = false;
        size_t varying = 0;
        for (Value *input : list->inputs()) {
            if (!carries_tensors(input->type()) || input->node()->kind() == c10::prim::Constant) continue;
            ++varying;
            found |= is_behind(input);
        }
        // x * sigmoid(x) is an activation inside of a network, not a score.
        found &= varying == 1 || joins_elements(node);
        if (!found) kind_ = kind_before;
        return found;
    }

    Value *without_activation(Value *value) {
        Node *node = value->node();
        if (activation_of(node) != CTorchActivationNone) return node->input(0);
        if (moves_elements(node)) {
            Value *input = without_activation(node->input(0));
            return input == node->input(0) ? value : repeated(node, input);
        }
        if (!joins_elements(node)) return value;
        std::vector<Value *> parts;
        bool is_changed = false;
        for (Value *part : node->input(0)->node()->inputs()) {
            parts.push_back(without_activation(part));
            is_changed |= parts.back() != part;
        }
        if (!is_changed) return value;
        Node *list = graph_.appendNode(graph_.createList(c10::TensorType::get(), parts));
        return repeated(node, list->output());
    }

    /// The same operator on another first input.
    Value *repeated(Node *node, Value *input) {
        Node *copy = graph_.createClone(node, [](Value *value) { return value; });
        copy->replaceInput(0, input);
        return graph_.appendNode(copy)->output();
    }

    Graph &graph_;
    CTorchActivation kind_ = CTorchActivationNone;
    size_t steps_ = 0;
};

} // namespace

FinalActivation find_final_activation(Graph &graph) { return Walk(graph).run(); }

at::Tensor target_from_output(const at::Tensor &output, CTorchActivation activation) {
    constexpr float smallest = std::numeric_limits<float>::min();
    switch (activation) {
    case CTorchActivationSoftmax: return output.clamp_min(smallest).log();
    case CTorchActivationSigmoid: {
        const at::Tensor is_inside = (output > 0).logical_and(output < 1);
        // Not at::where alone: the gradient of the side that is not taken would be infinity times zero.
        const at::Tensor inside = output.masked_fill(is_inside.logical_not(), 0.5);
        return at::where(is_inside, inside.log() - (-inside).log1p(), output);
    }
    case CTorchActivationNone:
    case CTorchActivationLogSoftmax: break;
    }
    return output;
}

} // namespace ctorch
