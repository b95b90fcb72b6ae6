#include "output.hpp"

#include "status.hpp"

#include <torch/csrc/jit/passes/dead_code_elimination.h>

namespace ctorch {
namespace {

/// Tuples in tuples in lists: more levels than any network returns.
constexpr int maximum_depth = 16;

Value *append(Graph &graph, const char *kind, const std::vector<Value *> &inputs, const c10::TypePtr &type) {
    Node *node = graph.appendNode(graph.create(symbol(kind), inputs, 1));
    node->output()->setType(type);
    return node->output();
}

Value *element_of_tuple(Graph &graph, Value *tuple) {
    const auto elements = tuple->type()->expectRef<c10::TupleType>().elements();
    for (size_t index = 0; index < elements.size(); ++index) {
        if (!carries_tensors(elements[index])) continue;
        return graph.appendNode(graph.createTupleIndex(tuple, graph.insertConstant(static_cast<int64_t>(index)),
                                                       elements[index]))->output();
    }
    return nullptr;
}

/// One level further in: the first element that can hold a tensor.
Value *first_element(Graph &graph, Value *value) {
    const c10::TypePtr type = value->type();
    switch (type->kind()) {
    case c10::TypeKind::TupleType: return element_of_tuple(graph, value);
    case c10::TypeKind::ListType: {
        Value *zero = graph.insertConstant(static_cast<int64_t>(0));
        return append(graph, "aten::__getitem__", {value, zero}, type->containedType(0));
    }
    case c10::TypeKind::DictType: {
        const c10::TypePtr values = c10::ListType::create(type->containedType(1));
        return append(graph, "aten::values", {value}, values);
    }
    case c10::TypeKind::OptionalType:
        return append(graph, "aten::_unwrap_optional", {value}, type->containedType(0));
    default: return nullptr;
    }
}

} // namespace

void keep_first_tensor(const std::shared_ptr<Graph> &graph) {
    const torch::jit::WithInsertPoint at(graph->block());
    Value *value = graph->outputs()[0];
    for (int depth = 0; depth < maximum_depth && value != nullptr && !is_tensor(value); ++depth) {
        value = carries_tensors(value->type()) ? first_element(*graph, value) : nullptr;
    }
    if (value == nullptr || !is_tensor(value)) {
        throw Failure(CTorchCodeUnsupportedModel, "The network returns " + graph->outputs()[0]->type()->str() +
                                                      ": no tensor, nor a tuple, list or dictionary of tensors.");
    }
    graph->block()->replaceOutput(0, value);
    torch::jit::EliminateDeadCode(graph);
}

} // namespace ctorch
