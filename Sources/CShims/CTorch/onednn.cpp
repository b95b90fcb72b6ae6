#include <torch/version.h>

#if TORCH_VERSION_MAJOR < 2

#include "onednn.hpp"

#include <ATen/ATen.h>

namespace ctorch::onednn {

dnnl::engine &engine() {
    static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

dnnl::stream &stream() {
    thread_local dnnl::stream stream(engine());
    return stream;
}

dnnl::memory scratchpad(const dnnl::memory::desc &description) {
    thread_local at::Tensor bytes = at::empty({0}, at::kByte);
    const auto size = static_cast<int64_t>(description.get_size());
    if (bytes.numel() < size) bytes = at::empty({size}, at::kByte);
    return memory_of(bytes, description);
}

type type_of(at::ScalarType type) { return type == at::kBFloat16 ? type::bf16 : type::f32; }

dnnl::memory::desc description(const Sizes &sizes, tag format, type values) { return {sizes, values, format}; }

dnnl::memory memory_of(const at::Tensor &tensor, const dnnl::memory::desc &description) {
    return {description, engine(), tensor.data_ptr()};
}

dnnl::memory reordered(dnnl::memory memory, const dnnl::memory::desc &description) {
    dnnl::memory result(description, engine());
    dnnl::reorder(memory, result).execute(stream(), memory, result);
    stream().wait();
    return result;
}

at::Tensor converted(const at::Tensor &tensor, at::ScalarType type) {
    if (tensor.scalar_type() == type || !tensor.is_floating_point()) return tensor;
    const bool is_known = tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kBFloat16;
    if (!is_known || !tensor.is_non_overlapping_and_dense() || tensor.numel() == 0) return tensor.to(type);
    // With the same strides the order of the elements does not matter.
    at::Tensor result = at::empty_strided(tensor.sizes(), tensor.strides(), tensor.options().dtype(type));
    dnnl::memory from = memory_of(tensor, description({tensor.numel()}, tag::x, type_of(tensor.scalar_type())));
    dnnl::memory to = memory_of(result, description({tensor.numel()}, tag::x, type_of(type)));
    dnnl::reorder(from, to).execute(stream(), from, to);
    return result;
}

namespace {

/// An activation as oneDNN knows it.
struct Function {
    dnnl::algorithm algorithm;
    float alpha;
    float beta;
};

std::optional<Function> function_of(const FusedActivation &activation) {
    using dnnl::algorithm;
    if (activation.name == "relu") return Function{algorithm::eltwise_relu, 0, 0};
    if (activation.name == "swish") return Function{algorithm::eltwise_swish, 1, 0};
    if (activation.name == "hardswish") return Function{algorithm::eltwise_hardswish, 0, 0};
    if (activation.name == "sigmoid") return Function{algorithm::eltwise_logistic, 0, 0};
    if (activation.name != "hardtanh") return std::nullopt;
    return Function{algorithm::eltwise_clip, static_cast<float>(activation.parameters[0]),
                    static_cast<float>(activation.parameters[1])};
}

} // namespace

dnnl::primitive elementwise(const dnnl::memory::desc &description, const FusedActivation &activation) {
    const auto function = function_of(activation);
    if (!function) return {};
    const dnnl::eltwise_forward::desc operation(dnnl::prop_kind::forward_inference, function->algorithm, description,
                                                function->alpha, function->beta);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return dnnl::eltwise_forward({operation, attributes, engine()});
}

void append(dnnl::post_ops &operations, const FusedActivation &activation) {
    const auto function = function_of(activation);
    if (function) operations.append_eltwise(1, function->algorithm, function->alpha, function->beta);
}

} // namespace ctorch::onednn

#endif
