#include <torch/version.h>

#if TORCH_VERSION_MAJOR < 2

#include "packed_convolution.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace ctorch {
namespace {

/// Of a network with inputs of any size the last few are kept: each holds the weights once more.
constexpr size_t maximum_made = 4;

at::Tensor activated(const FusedActivation &activation, const at::Tensor &values) {
    if (activation.name == "relu") return at::relu(values);
    if (activation.name == "swish") return at::silu(values);
    if (activation.name == "hardswish") return at::hardswish(values);
    if (activation.name == "sigmoid") return at::sigmoid(values);
    if (activation.name != "hardtanh") return values;
    return at::hardtanh(values, activation.parameters[0], activation.parameters[1]);
}

} // namespace

bool PackedConvolution::knows(at::ScalarType type) const {
    return type == at::kFloat || (type == at::kBFloat16 && convolution_.precision == Precision::bfloat16);
}

std::optional<Sizes> FusedConvolution::result_sizes(const Sizes &input) const {
    if (input.size() != 4 || input[1] != weights.size(1) * groups) return std::nullopt;
    Sizes sizes{input[0], weights.size(0)};
    for (size_t axis = 0; axis < 2; ++axis) {
        const int64_t reach = dilation[axis] * (weights.size(static_cast<int64_t>(axis) + 2) - 1) + 1;
        const int64_t room = input[axis + 2] + padding[axis] + padding_behind[axis] - reach;
        sizes.push_back(room < 0 ? 0 : room / stride[axis] + 1);
    }
    const bool is_empty = std::any_of(sizes.begin(), sizes.end(), [](int64_t size) { return size == 0; });
    return is_empty ? std::nullopt : std::optional(sizes);
}

at::Tensor FusedConvolution::compute(const at::Tensor &input, const at::Tensor &addend) const {
    at::Tensor own = input.to(weights.scalar_type());
    const bool is_even = padding == padding_behind;
    if (!is_even) {
        own = at::constant_pad_nd(own, {padding[1], padding_behind[1], padding[0], padding_behind[0]});
    }
    const Sizes left_to_pad = is_even ? padding : Sizes{0, 0};
    const at::Tensor plain = at::conv2d(own, weights, bias, stride, left_to_pad, dilation, groups);
    const at::Tensor before = activated(before_addition, plain);
    return activated(activation, adds ? at::add(before, addend) : before);
}

std::optional<FusedConvolution> FusedConvolution::transposed() const {
    if (stride != Sizes{1, 1}) return std::nullopt;
    Sizes own_padding, own_padding_behind;
    for (size_t axis = 0; axis < 2; ++axis) {
        const int64_t reach = dilation[axis] * (weights.size(static_cast<int64_t>(axis) + 2) - 1);
        own_padding.push_back(reach - padding[axis]);
        own_padding_behind.push_back(reach - padding_behind[axis]);
        if (own_padding.back() < 0 || own_padding_behind.back() < 0) return std::nullopt;
    }
    // In each group inputs and outputs change places.
    Sizes grouped = weights.sizes().vec();
    grouped[0] /= groups;
    grouped.insert(grouped.begin(), groups);
    const at::Tensor turned = weights.contiguous().view(grouped).transpose(1, 2).flatten(0, 1).flip({2, 3});
    return FusedConvolution{turned, {}, stride, own_padding, own_padding_behind, dilation, groups, {}, false, {}};
}

bool PackedConvolution::suits(const Sizes &input) const {
    const auto sizes = convolution_.result_sizes(input);
    const at::ScalarType type = convolution_.precision == Precision::bfloat16 ? at::kBFloat16 : at::kFloat;
    return sizes && primitive({input, type}, {*sizes, type}) != nullptr;
}

at::Tensor PackedConvolution::run(const at::Tensor &input, const at::Tensor &addend, bool overwrite) const {
    return run(input, (convolution_.adds ? addend : input).scalar_type(), addend, overwrite);
}

at::Tensor PackedConvolution::run_to_float32(const at::Tensor &input) const {
    return run(input, at::kFloat, {}, /*overwrite=*/false);
}

at::Tensor PackedConvolution::run(const at::Tensor &input, at::ScalarType type, const at::Tensor &addend,
                                  bool overwrite) const {
    const Sizes own_sizes = input.sizes().vec();
    const auto sizes = convolution_.result_sizes(own_sizes);
    const bool is_usual = sizes && knows(input.scalar_type()) && knows(type) && input.is_cpu() &&
                          (!convolution_.adds || addend.sizes() == *sizes);
    const auto made = is_usual ? primitive({own_sizes, input.scalar_type()}, {*sizes, type}) : nullptr;
    if (made == nullptr) return convolution_.compute(input, addend).to(type);

    constexpr auto format = at::MemoryFormat::ChannelsLast;
    at::Tensor result;
    if (!convolution_.adds) {
        result = at::empty(*sizes, input.options().dtype(type), format);
    } else {
        result = overwrite && addend.is_contiguous(format) ? addend : addend.clone(format);
    }
    made->run(input.contiguous(format), result);
    return result;
}

at::Tensor PackedConvolution::gradient(const at::Tensor &gradient, const Sizes &input) const {
    std::call_once(transposed_is_made_, [&] {
        auto transposed = convolution_.transposed();
        if (transposed) transposed_ = std::make_unique<const PackedConvolution>(std::move(*transposed));
    });
    if (transposed_ != nullptr) return transposed_->run(gradient);
    // Of the input its sizes alone are asked.
    const at::Tensor sized = at::empty(input, gradient.options(), at::MemoryFormat::ChannelsLast);
    const FusedConvolution &own = convolution_;
    return std::get<0>(at::convolution_backward(gradient, sized, own.weights, c10::nullopt, own.stride, own.padding,
                                                own.dilation, /*transposed=*/false, /*output_padding=*/{0, 0},
                                                own.groups, {true, false, false}));
}

std::shared_ptr<const ConvolutionPrimitive> PackedConvolution::primitive(const TypedSizes &input,
                                                                         const TypedSizes &result) const {
    const std::lock_guard lock(mutex_);
    // oneDNN shares the work out when a primitive is made.
    const int threads = at::get_num_threads();
    const auto known = std::find_if(made_.begin(), made_.end(), [&](const Made &made) {
        return made.input == input && made.result == result && made.threads == threads;
    });
    if (known != made_.end()) {
        std::rotate(known, known + 1, made_.end());
        return made_.back().primitive;
    }
    if (made_.size() == maximum_made) made_.erase(made_.begin());
    made_.push_back({input, result, threads, ConvolutionPrimitive::make(convolution_, input, result)});
    return made_.back().primitive;
}

} // namespace ctorch

#endif
