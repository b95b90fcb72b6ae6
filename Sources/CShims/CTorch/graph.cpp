#include "graph.hpp"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <cstring>

namespace ctorch {

using torch::jit::WithInsertPoint;

c10::Symbol symbol(const char *name) { return c10::Symbol::fromQualString(name); }

bool is_one_of(const Node *node, std::initializer_list<const char *> names) {
    const char *kind = node->kind().toQualString();
    return std::any_of(names.begin(), names.end(), [&](const char *name) { return std::strcmp(kind, name) == 0; });
}

bool is_tensor(const Value *value) { return value->type()->kind() == c10::TypeKind::TensorType; }

bool carries_tensors(const c10::TypePtr &type) {
    if (type->kind() == c10::TypeKind::TensorType || type->kind() == c10::TypeKind::AnyType) return true;
    const auto contained = type->containedTypes();
    return std::any_of(contained.begin(), contained.end(), [](const auto &inner) { return carries_tensors(inner); });
}

std::vector<Value *> values_read(const Node *node) {
    // libtorch hands out constant nodes' values as constant ones; nothing here changes them.
    auto *reader = const_cast<Node *>(node);
    std::vector<Value *> values(reader->inputs().begin(), reader->inputs().end());
    for (Block *block : reader->blocks()) {
        for (Node *inner : block->nodes()) {
            const std::vector<Value *> read = values_read(inner);
            values.insert(values.end(), read.begin(), read.end());
        }
        values.insert(values.end(), block->outputs().begin(), block->outputs().end());
    }
    return values;
}

int argument(const Node *node, const char *name) {
    const c10::FunctionSchema *schema = node->maybeSchema();
    if (schema == nullptr) return -1;
    const auto index = schema->argumentIndexWithName(name);
    return index && static_cast<size_t>(*index) < node->inputs().size() ? static_cast<int>(*index) : -1;
}

std::vector<Node *> all_nodes(Block *block) {
    std::vector<Node *> nodes;
    for (Node *node : block->nodes()) {
        nodes.push_back(node);
        for (Block *inner : node->blocks()) {
            const std::vector<Node *> nested = all_nodes(inner);
            nodes.insert(nodes.end(), nested.begin(), nested.end());
        }
    }
    return nodes;
}

std::shared_ptr<Graph> with_outputs(Graph &graph, const std::vector<size_t> &kept) {
    std::shared_ptr<Graph> copy = graph.copy();
    std::vector<Value *> values;
    for (const size_t index : kept) values.push_back(copy->outputs()[index]);
    while (!copy->outputs().empty()) copy->eraseOutput(copy->outputs().size() - 1);
    for (Value *value : values) copy->registerOutput(value);
    torch::jit::EliminateDeadCode(copy);
    return copy;
}

std::vector<Sizes> measure_sizes(Graph &graph, const std::vector<Value *> &values, const at::Tensor &image) {
    const size_t own_outputs = graph.outputs().size();
    for (Value *value : values) graph.registerOutput(value);
    std::shared_ptr<Graph> copy = graph.copy();
    while (graph.outputs().size() > own_outputs) graph.eraseOutput(graph.outputs().size() - 1);

    for (size_t index = 0; index < values.size(); ++index) {
        Value *value = copy->outputs()[own_outputs + index];
        const bool is_input = value->node()->kind() == c10::prim::Param;
        // Asked for at once, so that the interpreter frees the tensor after its last use.
        WithInsertPoint at(is_input ? *copy->nodes().begin() : value->node()->next());
        Node *size = copy->insertNode(copy->create(symbol("aten::size"), {value}, 1));
        size->output()->setType(c10::ListType::ofInts());
        copy->block()->replaceOutput(own_outputs + index, size->output());
    }
    for (size_t index = own_outputs; index > 0; --index) copy->eraseOutput(index - 1);
    torch::jit::EliminateDeadCode(copy);

    const at::NoGradGuard no_gradient;
    Stack stack{image};
    Program(copy, "sizes").run(stack);
    std::vector<Sizes> sizes;
    for (const c10::IValue &size : stack) sizes.push_back(size.isIntList() ? size.toIntVector() : Sizes{});
    return sizes;
}

void replace_operator(Node *node, const std::string &name) {
    Node *replacement = node->owningGraph()->create(symbol(name.c_str()), node->inputs(), 1);
    replacement->insertBefore(node);
    replacement->output()->copyMetadata(node->output());
    node->output()->replaceAllUsesWith(replacement->output());
    node->destroy();
}

} // namespace ctorch
