#include "marker.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/lower_tuples.h>
#include <torch/csrc/jit/passes/remove_mutation.h>
#include <torch/library.h>

namespace {

constexpr const char *mark_name = "gradcam::activation";

at::Tensor pass_through(const at::Tensor &activation, int64_t /*index*/) { return activation; }

} // namespace

TORCH_LIBRARY_FRAGMENT(gradcam, library) {
    library.def("activation(Tensor(a) activation, int index) -> Tensor(a)", pass_through);
}

namespace ctorch {
namespace {

using torch::jit::AliasDb;
using torch::jit::WithInsertPoint;

void insert_behind(Graph &graph, Value *value, Node *node) {
    if (value->node()->kind() == c10::prim::Param) {
        node->insertBefore(*graph.nodes().begin());
    } else {
        node->insertAfter(value->node());
    }
}

/// Whether nothing but `value` leads to its memory, so that a clone may take its place: a value that its operator
/// allocated, or one that in-place operators handed on from such a value.
bool owns_its_memory(Value *value, const AliasDb &aliases) {
    for (;;) {
        Node *node = value->node();
        const bool hands_on = is_one_of(node, {mark_name}) || (node->schema().is_mutable() && is_tensor(value));
        if (!hands_on) return !aliases.mayContainAlias(value, node->inputs());
        if (node->inputs().empty() || node->input(0)->uses().size() != 1) return false;
        value = node->input(0);
        if (value->node()->maybeSchema() == nullptr) return value->node()->blocks().empty() &&
                                                            value->node()->kind() != c10::prim::Param;
    }
}

bool can_be_cloned(Value *value, const AliasDb &aliases) {
    const Node *node = value->node();
    if (node->kind() == c10::prim::Param || node->maybeSchema() == nullptr) return false;
    return owns_its_memory(value, aliases);
}

/// Puts a clone of `value` between it and everything that reads it.
Node *insert_clone(Graph &graph, Value *value) {
    Node *clone = graph.create(symbol("aten::clone"), 1);
    insert_behind(graph, value, clone);
    WithInsertPoint at(clone);
    Value *none = graph.insertConstant(c10::IValue());
    value->replaceAllUsesWith(clone->output());
    clone->addInput(value);
    clone->addInput(none);
    clone->output()->setType(c10::TensorType::get());
    return clone;
}

struct Mark {
    Node *node;
    size_t index;
    bool written;    ///< Something writes to its memory, before or after.
    bool clonable;
};

std::vector<Mark> marks_of(const std::shared_ptr<Graph> &graph) {
    const AliasDb aliases(graph);
    std::vector<Mark> marks;
    for (Node *node : graph->nodes()) {
        if (!is_one_of(node, {mark_name})) continue;
        const auto index = static_cast<size_t>(torch::jit::toIValue(node->input(1))->toInt());
        Value *value = node->input(0);
        marks.push_back({node, index, aliases.hasWriters(value), can_be_cloned(value, aliases)});
    }
    return marks;
}

} // namespace

Node *mark_activation(Graph &graph, Value *value, size_t index) {
    Node *mark = graph.create(symbol(mark_name), 1);
    insert_behind(graph, value, mark);
    WithInsertPoint at(mark);
    Value *number = graph.insertConstant(static_cast<int64_t>(index));
    value->replaceAllUsesWith(mark->output());
    mark->addInput(value);
    mark->addInput(number);
    mark->output()->setType(value->type());
    return mark;
}

std::vector<size_t> resolve_marks(std::shared_ptr<Graph> &graph) {
    torch::jit::LowerSimpleTuples(graph);
    torch::jit::RemoveListMutation(graph);

    const size_t own_outputs = graph->outputs().size();
    std::vector<size_t> indices;
    std::vector<Node *> clones;
    for (const Mark &mark : marks_of(graph)) {
        Value *value = mark.node->input(0);
        mark.node->output()->replaceAllUsesWith(value);
        mark.node->destroy();
        if (mark.written && !mark.clonable) continue;
        if (mark.written) clones.push_back(insert_clone(*graph, value));
        graph->registerOutput(value);
        indices.push_back(mark.index);
    }
    torch::jit::RemoveTensorMutation(graph);

    const AliasDb aliases(graph);
    std::vector<Node *> needless;
    for (Node *clone : clones) {
        if (!aliases.hasWriters(clone->output()) && !aliases.hasWriters(clone->input(0))) needless.push_back(clone);
    }
    // Backwards, so that no index shifts before it is looked at.
    for (size_t position = indices.size(); position > 0; --position) {
        const size_t output = own_outputs + position - 1;
        if (!aliases.hasWriters(graph->outputs()[output])) continue;
        graph->eraseOutput(output);
        indices.erase(indices.begin() + static_cast<std::ptrdiff_t>(position - 1));
    }
    for (Node *clone : needless) {
        clone->output()->replaceAllUsesWith(clone->input(0));
        clone->destroy();
    }
    torch::jit::EliminateDeadCode(graph);
    return indices;
}

} // namespace ctorch
