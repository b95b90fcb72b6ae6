#include "epilogue.hpp"

#include <torch/csrc/jit/ir/constants.h>

namespace ctorch {
namespace {

using torch::jit::toIValue;

/// The node that adds something to this one's output, or nullptr.
Node *addition(const Node *node) {
    Node *reader = only_reader(node);
    const bool adds = reader != nullptr && is_one_of(reader, {"aten::add"}) && is_tensor(reader->input(1));
    return adds ? reader : nullptr;
}

Value *addend_at(Node *node, const Node *addition) {
    Value *own = node->output();
    Value *other = addition->input(0) == own ? addition->input(1) : addition->input(0);
    return other == own || toIValue(other) ? nullptr : other;
}

/// The convolution, or the activation that alone reads it.
Node *end_of_activation(Node *convolution) {
    Node *reader = only_reader(convolution);
    return reader == nullptr || FusedActivation::read(reader).is_none() ? convolution : reader;
}

/// Takes an activation that alone reads what is computed so far.
void take_activation(Epilogue &epilogue) {
    Node *reader = only_reader(epilogue.last);
    if (reader == nullptr) return;
    epilogue.activation = FusedActivation::read(reader);
    if (!epilogue.activation.is_none()) epilogue.last = reader;
}

void take_addition(const MeasuredSizes &sizes, Epilogue &epilogue) {
    Node *node = addition(epilogue.last);
    Value *other = node == nullptr ? nullptr : addend_at(epilogue.last, node);
    if (other == nullptr) return;
    const auto factor = toIValue(node->input(2));
    const bool is_plain = factor && factor->isInt() && factor->toInt() == 1;
    // Both must have one shape, whatever the input's size: 1 x 1 could be stretched.
    const bool is_map = sizes.result.size() == 4 && sizes.result[2] * sizes.result[3] > 1;
    if (!is_plain || !is_map || sizes.addend != sizes.result) return;
    epilogue.before_addition = std::move(epilogue.activation);
    epilogue.activation = {};
    epilogue.last = node;
    epilogue.addend = other;
    take_activation(epilogue);
}

} // namespace

FusedActivation FusedActivation::read(const Node *node) {
    if (is_one_of(node, {"aten::relu", "aten::relu_"})) return {"relu", {}};
    if (is_one_of(node, {"aten::silu", "aten::silu_"})) return {"swish", {}};
    if (is_one_of(node, {"aten::hardswish", "aten::hardswish_"})) return {"hardswish", {}};
    if (is_one_of(node, {"aten::sigmoid", "aten::sigmoid_"})) return {"sigmoid", {}};
    if (is_one_of(node, {"aten::relu6", "aten::relu6_"})) return {"hardtanh", {0, 6}};
    if (!is_one_of(node, {"aten::hardtanh", "aten::hardtanh_"})) return {};
    const auto low = toIValue(node->input(1));
    const auto high = toIValue(node->input(2));
    if (!low || !high || !low->isScalar() || !high->isScalar()) return {};
    return {"hardtanh", {low->toScalar().toDouble(), high->toScalar().toDouble()}};
}

Value *addend(const Convolution &convolution) {
    Node *end = end_of_activation(convolution.node);
    const Node *node = addition(end);
    return node == nullptr ? nullptr : addend_at(end, node);
}

Epilogue activation_of(const Convolution &convolution) {
    Epilogue epilogue{convolution.node};
    take_activation(epilogue);
    return epilogue;
}

Epilogue epilogue_of(const Convolution &convolution, const MeasuredSizes &sizes, bool activation_first) {
    Epilogue epilogue = activation_of(convolution);
    if (epilogue.activation.is_none() || activation_first) take_addition(sizes, epilogue);
    return epilogue;
}

} // namespace ctorch
