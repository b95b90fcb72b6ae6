#include "zero_padding.hpp"

#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>

namespace ctorch {
namespace {

using torch::jit::toIValue;

bool is_zero(const Value *value) {
    const auto constant = toIValue(value);
    if (!constant) return false;
    // pad's own is None.
    return constant->isNone() || (constant->isScalar() && constant->toScalar().toDouble() == 0);
}

/// Zeros that a node adds around the last two axes: left, right, above, below. Empty for any other node.
Sizes zeros_around(const Node *node) {
    // constant_pad_nd(input, pad, value), pad(input, pad, mode, value)
    const bool is_general = is_one_of(node, {"aten::pad"});
    if (!is_general && !is_one_of(node, {"aten::constant_pad_nd"})) return {};
    if (is_general) {
        const auto mode = toIValue(node->input(2));
        if (!mode || !mode->isString() || mode->toStringRef() != "constant") return {};
    }
    const auto sides = toIValue(node->input(1));
    if (!sides || !sides->isIntList() || !is_zero(node->input(is_general ? 3 : 2))) return {};
    Sizes sizes = sides->toIntVector();
    // Negative ones crop.
    const bool pads = std::all_of(sizes.begin(), sizes.end(), [](int64_t size) { return size >= 0; });
    if (!pads || (sizes.size() != 2 && sizes.size() != 4)) return {};
    sizes.resize(4);
    return sizes;
}

} // namespace

Convolution with_zeros_around(const Convolution &convolution, bool uneven) {
    const Node *padding = convolution.input()->node();
    const Sizes zeros = zeros_around(padding);
    if (zeros.empty()) return convolution;
    Convolution whole = convolution;
    whole.first = padding;
    whole.padding = {convolution.padding[0] + zeros[2], convolution.padding[1] + zeros[0]};
    whole.padding_behind = {convolution.padding_behind[0] + zeros[3], convolution.padding_behind[1] + zeros[1]};
    return uneven || whole.padding == whole.padding_behind ? whole : convolution;
}

} // namespace ctorch
