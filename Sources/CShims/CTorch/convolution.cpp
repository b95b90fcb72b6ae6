#include "convolution.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/jit/ir/constants.h>

namespace ctorch {
namespace {

using torch::jit::toIValue;

/// A constant pair; a single number stands for both.
std::optional<Sizes> constant_pair(const Value *value) {
    const auto constant = toIValue(value);
    if (!constant || !constant->isIntList()) return std::nullopt;
    Sizes pair = constant->toIntVector();
    if (pair.size() == 1) pair.push_back(pair[0]);
    if (pair.size() != 2) return std::nullopt;
    return pair;
}

} // namespace

std::optional<Convolution> Convolution::read(Node *node) {
    // conv2d(input, weight, bias, stride, padding, dilation, groups)
    // _convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups, ...)
    const bool is_general = is_one_of(node, {"aten::_convolution"});
    if (!is_general && !is_one_of(node, {"aten::conv2d"})) return std::nullopt;
    const auto weights = toIValue(node->input(1));
    const auto bias = toIValue(node->input(2));
    const auto stride = constant_pair(node->input(3));
    const auto padding = constant_pair(node->input(4));
    const auto dilation = constant_pair(node->input(5));
    const auto groups = toIValue(node->input(is_general ? 8 : 6));
    if (!weights || !weights->isTensor() || weights->toTensor().dim() != 4 || !bias || !stride || !padding ||
        !dilation || !groups || !groups->isInt() || weights->toTensor().scalar_type() != at::kFloat) {
        return std::nullopt;
    }
    if (is_general) {
        const auto transposed = toIValue(node->input(6));
        if (!transposed || !transposed->isBool() || transposed->toBool()) return std::nullopt;
    }
    return Convolution{node,     node,     weights->toTensor(), *bias, *stride,
                       *padding, *padding, *dilation,           groups->toInt()};
}

Node *only_reader(const Node *node) {
    const auto &uses = node->output()->uses();
    if (uses.size() != 1) return nullptr;
    Node *reader = uses[0].user;
    const bool is_output = reader->kind() == c10::prim::Return;
    return is_output || reader->owningBlock() != node->owningBlock() ? nullptr : reader;
}

} // namespace ctorch
