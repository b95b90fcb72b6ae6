#include "neighborhood.hpp"

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>

namespace ctorch {
namespace {

using torch::jit::toIValue;

std::optional<c10::IValue> constant(const Node *node, const char *name) {
    const int index = argument(node, name);
    if (index < 0) return std::nullopt;
    return toIValue(node->inputs()[static_cast<size_t>(index)]);
}

/// Both sides' value of an argument, where it is a constant; `side` for an empty list.
std::optional<int64_t> of_side(const Node *node, const char *name, size_t side, std::optional<int64_t> otherwise) {
    const auto value = constant(node, name);
    if (!value || !value->isIntList()) return std::nullopt;
    const auto sizes = value->toIntVector();
    if (sizes.empty()) return otherwise;
    return sizes[sizes.size() == 1 ? 0 : side];
}

/// Of a kernel that moves by one cell and leaves the grid as it is.
std::optional<int64_t> reach_of_kernel(const Node *node, size_t side, int64_t kernel) {
    const auto stride = of_side(node, "stride", side, kernel);
    const auto padding = of_side(node, "padding", side, 0);
    const auto dilation = of_side(node, "dilation", side, 1);
    if (!stride || !padding || !dilation || *stride != 1 || kernel % 2 == 0) return std::nullopt;
    const int64_t reach = kernel / 2 * *dilation;
    if (*padding != reach) return std::nullopt;
    return reach;
}

std::optional<int64_t> larger(std::optional<int64_t> one, std::optional<int64_t> other) {
    if (!one || !other) return std::nullopt;
    return std::max(*one, *other);
}

std::optional<int64_t> reach_of_convolution(const Node *node) {
    const auto weights = constant(node, "weight");
    if (!weights || !weights->isTensor() || weights->toTensor().dim() != 4) return std::nullopt;
    const bool may_be_transposed = argument(node, "transposed") >= 0;
    const auto transposed = constant(node, "transposed");
    if (may_be_transposed && (!transposed || transposed->toBool())) return std::nullopt;
    return larger(reach_of_kernel(node, 0, weights->toTensor().size(2)),
                  reach_of_kernel(node, 1, weights->toTensor().size(3)));
}

std::optional<int64_t> reach_of_pooling(const Node *node) {
    const auto height = of_side(node, "kernel_size", 0, std::nullopt);
    const auto width = of_side(node, "kernel_size", 1, std::nullopt);
    if (!height || !width) return std::nullopt;
    return larger(reach_of_kernel(node, 0, *height), reach_of_kernel(node, 1, *width));
}

bool is_false(const Node *node, const char *name) {
    const auto value = constant(node, name);
    return value && value->isBool() && !value->toBool();
}

bool is_along_channels(const Node *node) {
    const auto dimension = constant(node, "dim");
    return dimension && dimension->isInt() && dimension->toInt() == 1;
}

/// A constant beside the maps is the same at every cell.
bool constants_are_even(const Node *node) {
    return std::all_of(node->inputs().begin(), node->inputs().end(), [](const Value *input) {
        const auto value = toIValue(input);
        if (!value || !value->isTensor() || !value->toTensor().defined()) return true;
        const at::Tensor &tensor = value->toTensor();
        return tensor.numel() == 1 || (tensor.dim() >= 3 && tensor.size(-1) == 1 && tensor.size(-2) == 1);
    });
}

} // namespace

std::optional<int64_t> reach_of(const Node *node) {
    if (is_one_of(node, {"aten::conv2d", "aten::_convolution", "aten::convolution"})) return reach_of_convolution(node);
    if (is_one_of(node, {"aten::max_pool2d"})) return reach_of_pooling(node);
    const bool acts_on_elements = is_one_of(
        node, {"aten::silu", "aten::relu", "aten::relu6", "aten::hardtanh", "aten::hardswish", "aten::hardsigmoid",
               "aten::leaky_relu", "aten::elu", "aten::gelu", "aten::mish", "aten::sigmoid", "aten::tanh", "aten::add",
               "aten::sub", "aten::mul", "aten::div"});
    bool is_local = acts_on_elements && constants_are_even(node);
    is_local = is_local || (is_one_of(node, {"aten::batch_norm"}) && is_false(node, "training"));
    is_local = is_local || (is_one_of(node, {"aten::dropout"}) && is_false(node, "train"));
    is_local = is_local || is_one_of(node, {"prim::ListConstruct", "prim::ListUnpack"});
    const bool moves_channels =
        is_one_of(node, {"aten::cat", "aten::chunk", "aten::split", "aten::split_with_sizes", "aten::slice"});
    is_local = is_local || (moves_channels && is_along_channels(node));
    is_local = is_local || (node->kind() == c10::prim::ConstantChunk && node->i(c10::attr::dim) == 1);
    return is_local ? std::optional<int64_t>(0) : std::nullopt;
}

} // namespace ctorch
