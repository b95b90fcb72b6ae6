#include "logits.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/jit/ir/constants.h>

#include <limits>
#include <unordered_map>
#include <unordered_set>

namespace ctorch {
namespace {

using torch::jit::WithInsertPoint;

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

/// Operators that hand on elements whose places are computed.
bool picks_elements(const Node *node) { return is_one_of(node, {"aten::gather", "aten::index_select"}); }

/// Operators that hand on some of the elements of their first input, each unchanged.
bool selects_elements(const Node *node) {
    return picks_elements(node) || is_one_of(node, {"aten::select", "aten::slice", "aten::narrow"});
}

/// The largest elements, with their indices beside them: a detector that sorts its boxes itself.
bool is_top(const Value *value) { return is_one_of(value->node(), {"aten::topk"}) && value->offset() == 0; }

bool splits_elements(const Node *node) {
    return is_one_of(node, {"aten::split", "aten::split_with_sizes", "aten::chunk", "aten::unbind", "aten::tensor_split"});
}

/// An element of a split tensor: x.split((2, 2, 81), 4)[2].
bool is_piece(const Node *node) {
    const bool unpacks = node->kind() == c10::prim::ListUnpack || is_one_of(node, {"aten::__getitem__"});
    return unpacks && splits_elements(node->input(0)->node());
}

class Walk {
public:
    Walk(Graph &graph, bool is_detector) : graph_(graph), is_detector_(is_detector) {}

    FinalActivation run() {
        Value *output = graph_.outputs()[0];
        const Way way = follow(output);
        FinalActivation found;
        found.kind = kind_;
        if (way != Way::undone) return found;
        found.logits = without_activation(output);
        if (is_detector_) find_parts(output, found.parts);
        found.picks_rows = picks_rows_;
        return found;
    }

private:
    /// What lies between a value and the activation.
    enum class Way {
        none,     ///< There is no activation.
        undone,   ///< Only operators that can be repeated on the logits.
        beyond,   ///< Others, too: the activation is known, the logits are not.
    };

    /// Looks for activations behind `value`, through elements that are only moved.
    Way follow(Value *value) {
        if (++steps_ > maximum_steps) return Way::beyond;
        Node *node = value->node();
        picks_rows_ |= is_top(value) || picks_elements(node);
        const CTorchActivation activation = activation_of(node);
        if (activation != CTorchActivationNone) {
            kind_ = activation;
            return Way::undone;
        }
        if (moves_elements(node)) return follow(node->input(0));
        if (selects_elements(node) || is_piece(node) || is_top(value)) return selected(follow(source_of(node)));
        if (joins_elements(node)) return joined(node->input(0)->node());
        return is_behind(value) ? Way::beyond : Way::none;
    }

    static Value *source_of(Node *node) {
        return is_piece(node) ? node->input(0)->node()->input(0) : node->input(0);
    }

    /// A selected softmax still depends on what was left out.
    Way selected(Way way) const {
        return way == Way::undone && kind_ != CTorchActivationSigmoid ? Way::beyond : way;
    }

    Way joined(Node *list) {
        bool any_undone = false;
        bool any_beyond = false;
        CTorchActivation undone_kind = CTorchActivationNone;
        for (Value *part : list->inputs()) {
            const Way way = follow(part);
            any_beyond |= way == Way::beyond;
            if (way != Way::undone) continue;
            any_undone = true;
            undone_kind = kind_;
        }
        if (any_undone) kind_ = undone_kind;
        // A detector's coordinates are computed from the same sigmoid as its scores.
        const bool may_differ = is_detector_ && kind_ == CTorchActivationSigmoid;
        if (any_beyond && !(any_undone && may_differ)) return Way::beyond;
        return any_undone ? Way::undone : Way::none;
    }

    /// Whether an activation lies further back, behind elements that are selected or scaled by constants.
    bool is_behind(Value *value) {
        const CTorchActivation activation = activation_behind(value);
        if (activation == CTorchActivationNone) return false;
        kind_ = activation;
        return true;
    }

    /// Looked up once for each value: arithmetic on coordinates comes back to the same ones again and again.
    CTorchActivation activation_behind(Value *value) {
        const auto known = behind_.find(value);
        if (known != behind_.end()) return known->second;
        if (++steps_ > maximum_steps) return CTorchActivationNone;
        const CTorchActivation found = search_behind(value);
        behind_.emplace(value, found);
        return found;
    }

    CTorchActivation search_behind(Value *value) {
        Node *node = value->node();
        const CTorchActivation activation = activation_of(node);
        if (activation != CTorchActivationNone) return activation;
        if (!selects_or_scales(node)) return CTorchActivationNone;
        Node *list = joins_elements(node) ? node->input(0)->node() : node;
        CTorchActivation found = CTorchActivationNone;
        size_t varying = 0;
        for (Value *input : list->inputs()) {
            if (!carries_tensors(input->type()) || input->node()->kind() == c10::prim::Constant) continue;
            ++varying;
            const CTorchActivation behind = activation_behind(input);
            if (behind != CTorchActivationNone) found = behind;
        }
        // x * sigmoid(x) is an activation inside of a network, not a score.
        return varying == 1 || joins_elements(node) ? found : CTorchActivationNone;
    }

    /// Whether a way without obstacles leads back to the activation.
    bool can_undo(Value *value) {
        const auto known = can_undo_.find(value);
        if (known != can_undo_.end()) return known->second;
        const CTorchActivation kind_before = kind_;
        steps_ = 0;
        const Way way = follow(value);
        kind_ = kind_before;
        return can_undo_[value] = way == Way::undone;
    }

    /// `value` with the activation's input in its place; `value` itself where there is none to take away.
    Value *without_activation(Value *value) {
        const auto known = replacements_.find(value);
        if (known != replacements_.end()) return known->second;
        return replacements_[value] = replacement_for(value);
    }

    Value *replacement_for(Value *value) {
        Node *node = value->node();
        if (activation_of(node) != CTorchActivationNone) return node->input(0);
        if (!can_undo(value)) return value;
        if (is_piece(node)) {
            Node *split = node->input(0)->node();
            Value *pieces = repeated(split, without_activation(split->input(0)))->output();
            return repeated(node, pieces)->outputs()[value->offset()];
        }
        if (is_top(value)) return gathered(node, without_activation(node->input(0)));
        if (moves_elements(node) || selects_elements(node)) {
            return repeated(node, without_activation(node->input(0)))->output();
        }
        std::vector<Value *> parts;
        for (Value *part : node->input(0)->node()->inputs()) parts.push_back(without_activation(part));
        Node *list = graph_.appendNode(graph_.createList(c10::TensorType::get(), parts));
        return repeated(node, list->output())->output();
    }

    /// The same operator on another first input.
    Node *repeated(Node *node, Value *input) {
        Node *copy = graph_.createClone(node, [](Value *value) { return value; });
        copy->replaceInput(0, input);
        return graph_.appendNode(copy);
    }

    /// The elements of `input` at the places where `top` found the largest of its own.
    Value *gathered(Node *top, Value *input) {
        const WithInsertPoint at(graph_.block());
        Value *is_sparse = graph_.insertConstant(false);
        Node *gather = graph_.create(symbol("aten::gather"), {input, top->input(2), top->outputs()[1], is_sparse}, 1);
        return graph_.appendNode(gather)->output();
    }

    /// What the logits behind `value` are made of: the values that are more than moved, selected and joined.
    void find_parts(Value *value, std::vector<Value *> &parts) {
        if (!visited_.insert(value).second) return;
        Node *node = value->node();
        if (activation_of(node) != CTorchActivationNone) return collect(node->input(0), parts);
        if (!can_undo(value)) return;
        if (!joins_elements(node)) return find_parts(source_of(node), parts);
        for (Value *part : node->input(0)->node()->inputs()) find_parts(part, parts);
    }

    void collect(Value *value, std::vector<Value *> &parts) {
        if (!collected_.insert(value).second) return;
        Node *node = value->node();
        if (joins_elements(node)) {
            for (Value *part : node->input(0)->node()->inputs()) collect(part, parts);
        } else if (moves_elements(node) || selects_elements(node) || is_piece(node) || is_top(value)) {
            collect(source_of(node), parts);
        } else {
            parts.push_back(value);
        }
    }

    Graph &graph_;
    bool is_detector_;
    bool picks_rows_ = false;
    CTorchActivation kind_ = CTorchActivationNone;
    // Each value is looked at once, however many ways lead to it.
    std::unordered_map<const Value *, CTorchActivation> behind_;
    std::unordered_map<const Value *, bool> can_undo_;
    std::unordered_map<const Value *, Value *> replacements_;
    std::unordered_set<const Value *> visited_;
    std::unordered_set<const Value *> collected_;
    size_t steps_ = 0;
};

} // namespace

FinalActivation find_final_activation(Graph &graph, bool is_detector) { return Walk(graph, is_detector).run(); }

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
