// Which values of a graph are bfloat16: what packed convolutions return, and what operators that follow make of it.
#include "precision.hpp"
#include "status.hpp"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace ctorch {
namespace {

bool is_packed_convolution(const Node *node) {
    return is_one_of(node, {"ctorch::convolution", "ctorch::convolution_add", "ctorch::convolution_add_"});
}

/// Whether the operator's results have the type of its operands, and each is as good in bfloat16 as the operands are:
/// nothing is summed up.
bool keeps_type(const Node *node) {
    return is_one_of(node, {"aten::relu", "aten::relu6", "aten::hardtanh", "aten::leaky_relu", "aten::silu",
                            "aten::hardswish", "aten::hardsigmoid", "aten::sigmoid", "aten::add", "aten::mul",
                            "aten::max_pool2d", "aten::upsample_nearest2d", "aten::cat", "aten::slice", "aten::chunk",
                            "aten::split", "aten::split_with_sizes", "prim::ListConstruct", "prim::ListUnpack",
                            "prim::ConstantChunk"});
}

/// Reads no values.
bool reads_sizes_alone(const Node *node) { return is_one_of(node, {"aten::size", "aten::dim"}); }

bool is_list(const Value *value) { return value->type()->kind() == c10::TypeKind::ListType; }

/// A list that cannot be converted is not converted: all its readers must take it as it is.
bool is_read_by_bfloat16(const Value *list) {
    return std::all_of(list->uses().begin(), list->uses().end(), [&](const auto &use) {
        const bool takes_lists = is_one_of(use.user, {"aten::cat", "prim::ListUnpack"});
        return takes_lists && use.user->owningBlock() == list->node()->owningBlock();
    });
}

void replace_everywhere(Node *node, Value *value, Value *replacement) {
    node->replaceInputWith(value, replacement);
    for (Block *block : node->blocks()) {
        for (Node *inner : block->nodes()) replace_everywhere(inner, value, replacement);
        block->return_node()->replaceInputWith(value, replacement);
    }
}

class Narrowing {
public:
    explicit Narrowing(const std::shared_ptr<Graph> &graph) : graph_(graph) {}

    void run() {
        const std::vector<Node *> nodes(graph_->nodes().begin(), graph_->nodes().end());
        for (Node *node : nodes) {
            if (is_packed_convolution(node) || follows(node)) {
                narrow(node);
            } else if (!reads_sizes_alone(node)) {
                widen(node);
            }
        }
        widen(graph_->return_node());
        let_convolutions_widen();
        torch::jit::EliminateDeadCode(graph_);
    }

private:
    bool is_narrow(const Value *value) const { return narrow_.count(value) > 0; }

    bool follows(const Node *node) const {
        if (!keeps_type(node)) return false;
        const auto inputs = node->inputs();
        const bool reads_narrow =
            std::any_of(inputs.begin(), inputs.end(), [&](const Value *value) { return is_narrow(value); });
        const bool reads_other = std::any_of(inputs.begin(), inputs.end(), [&](const Value *value) {
            if (is_narrow(value)) return false;
            return is_list(value) ? carries_tensors(value->type())
                                  : is_tensor(value) && torch::jit::toIValue(value).has_value();
        });
        const auto outputs = node->outputs();
        return reads_narrow && !reads_other && std::all_of(outputs.begin(), outputs.end(), [](const Value *value) {
            return is_tensor(value) || (is_list(value) && is_read_by_bfloat16(value));
        });
    }

    void narrow(Node *node) {
        for (Value *input : node->inputs().vec()) {
            if (!is_tensor(input) || is_narrow(input)) continue;
            node->replaceInputWith(input, converted(input, "ctorch::narrowed"));
        }
        narrow_.insert(node->outputs().begin(), node->outputs().end());
    }

    void widen(Node *node) {
        for (Value *value : values_read(node)) {
            if (!is_narrow(value)) continue;
            require_no_writes(node);
            replace_everywhere(node, value, converted(value, "ctorch::widened"));
        }
    }

    /// A write into a converted copy would be lost.
    static void require_no_writes(const Node *node) {
        const auto *schema = node->maybeSchema();
        bool writes = schema != nullptr && schema->is_mutable();
        for (Block *block : const_cast<Node *>(node)->blocks()) {
            for (const Node *inner : all_nodes(block)) {
                writes = writes || (inner->maybeSchema() != nullptr && inner->maybeSchema()->is_mutable());
            }
        }
        if (!writes) return;
        throw Failure(CTorchCodePrecisionUnsupported, "The network cannot run in bfloat16: an operator (" +
                                                          std::string(node->kind().toQualString()) +
                                                          ") writes into an activation.");
    }

    /// Each value is converted once, where it is made.
    Value *converted(Value *value, const char *operation) {
        const auto known = converted_.find(value);
        if (known != converted_.end()) return known->second;
        Node *conversion = graph_->create(symbol(operation), {value}, 1);
        conversion->output()->setType(c10::TensorType::get());
        if (value->node()->kind() == c10::prim::Param) {
            graph_->prependNode(conversion);
        } else {
            conversion->insertAfter(value->node());
        }
        return converted_[value] = conversion->output();
    }

    /// oneDNN can return what it added up in float32: more exact, and one pass over the memory less.
    void let_convolutions_widen() {
        for (const auto &[value, conversion] : converted_) {
            Node *node = value->node();
            if (!is_narrow(value) || value->uses().size() != 1 || !is_one_of(node, {"ctorch::convolution"})) continue;
            Node *call = graph_->create(symbol("ctorch::convolution_to_float32"), node->inputs(), 1);
            call->insertBefore(node);
            call->output()->setType(c10::TensorType::get());
            conversion->replaceAllUsesWith(call->output());
        }
    }

    std::shared_ptr<Graph> graph_;
    std::unordered_set<const Value *> narrow_;
    std::unordered_map<Value *, Value *> converted_;
};

} // namespace

void keep_bfloat16_between_convolutions(const std::shared_ptr<Graph> &graph) { Narrowing(graph).run(); }

} // namespace ctorch
