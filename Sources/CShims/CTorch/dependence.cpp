#include "dependence.hpp"

#include <algorithm>

namespace ctorch {
namespace {

bool applies_weights(const Node *node) {
    return is_one_of(node, {"aten::conv2d", "aten::_convolution", "aten::convolution", "aten::conv1d", "aten::conv3d",
                            "aten::conv_transpose2d", "aten::linear", "aten::matmul", "aten::mm", "aten::addmm",
                            "aten::bmm", "aten::einsum", "aten::batch_norm"});
}

template <typename Set, typename Values> bool contains_any(const Set &set, const Values &values) {
    return std::any_of(values.begin(), values.end(), [&](const Value *value) { return set.count(value) > 0; });
}

} // namespace

std::unordered_set<const Value *> values_behind(Graph &graph, const Value *value) {
    std::unordered_set<const Value *> behind{value};
    for (const Node *node : graph.nodes()) {
        if (contains_any(behind, values_read(node))) behind.insert(node->outputs().begin(), node->outputs().end());
    }
    behind.erase(value);
    return behind;
}

Dependence::Dependence(Graph &graph, const std::vector<Value *> &outputs) {
    const std::vector<Node *> nodes(graph.nodes().begin(), graph.nodes().end());
    for (const Value *input : graph.inputs()) from_image_.insert(input);
    for (const Node *node : nodes) {
        position_.emplace(node, position_.size() + 1);
        const std::vector<Value *> read = values_read(node);
        const bool is_from_image = contains_any(from_image_, read);
        const bool is_learned = is_from_image && (applies_weights(node) || !node->blocks().empty() ||
                                                  contains_any(learned_, read));
        for (const Value *output : node->outputs()) {
            if (!carries_tensors(output->type())) continue;
            if (is_from_image) from_image_.insert(output);
            if (is_learned) learned_.insert(output);
        }
    }
    for (const Value *output : outputs) {
        to_output_.insert(output);
        last_use_[output] = nodes.size() + 1;
    }
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
        if (!contains_any(to_output_, (*node)->outputs())) continue;
        for (const Value *value : values_read(*node)) {
            if (from_image_.count(value) == 0) continue;
            to_output_.insert(value);
            last_use_.emplace(value, position_[*node]);
        }
    }
}

bool Dependence::is_only_way(const Value *value) const {
    if (!reaches_output(value)) return false;
    const auto position_of = [&](const Value *other) {
        const auto found = position_.find(other->node());
        return found == position_.end() ? size_t{0} : found->second;
    };
    const size_t position = position_of(value);
    // Whatever was computed by then and is read later by-passes the value.
    return std::none_of(last_use_.begin(), last_use_.end(), [&](const auto &use) {
        return use.first != value && position_of(use.first) <= position && use.second > position;
    });
}

} // namespace ctorch
