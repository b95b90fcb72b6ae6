// With libtorch 1.13 oneDNN is called directly: of what follows a convolution its own operator can fuse a ReLU alone.
#include "fused_convolution.hpp"

#include <torch/version.h>

#if TORCH_VERSION_MAJOR < 2

#include "differentiable_convolution.hpp"
#include "onednn.hpp"
#include "packed_convolution.hpp"

#include <ATen/ATen.h>
#include <torch/library.h>

#include <algorithm>

namespace ctorch {

const bool can_add_to_activation = true;
const bool can_pad_unevenly = true;
const bool can_differentiate = true;

namespace {

using Packed = c10::intrusive_ptr<PackedConvolution>;

at::Tensor convolve(const at::Tensor &input, const Packed &packed) { return packed->run(input); }

at::Tensor convolve_to_float32(const at::Tensor &input, const Packed &packed) { return packed->run_to_float32(input); }

at::Tensor convolve_and_add(const at::Tensor &input, const at::Tensor &addend, const Packed &packed) {
    return packed->run(input, addend, /*overwrite=*/false);
}

at::Tensor convolve_onto(const at::Tensor &input, const at::Tensor &addend, const Packed &packed) {
    return packed->run(input, addend, /*overwrite=*/true);
}

at::Tensor narrowed(const at::Tensor &input) { return onednn::converted(input, at::kBFloat16); }

at::Tensor widened(const at::Tensor &input) { return onednn::converted(input, at::kFloat); }

/// Whether the node returns memory of its own, that no other value's tensor shares.
bool is_fresh(const Node *node) {
    return is_one_of(node, {"ctorch::convolution", "ctorch::convolution_add", "ctorch::convolution_add_",
                            "aten::conv2d", "aten::_convolution", "aten::batch_norm", "aten::max_pool2d",
                            "aten::avg_pool2d", "aten::relu", "aten::silu", "aten::add", "aten::mul", "aten::cat",
                            "aten::upsample_nearest2d", "aten::mean"});
}

/// Whether `node` is the last to read what it adds.
bool may_overwrite(const Node *node) {
    const Value *addend = node->input(1);
    if (!is_fresh(addend->node()) || node->input(0) == addend) return false;
    return std::all_of(addend->uses().begin(), addend->uses().end(), [&](const auto &use) {
        return use.user == node || (is_fresh(use.user) && use.user->owningBlock() == node->owningBlock() &&
                                    use.user->isBefore(node));
    });
}

} // namespace

bool can_fuse_convolutions() {
    const at::Context &context = at::globalContext();
    return context.hasMKLDNN() && context.userEnabledMkldnn();
}

c10::IValue packed_weights(const Convolution &convolution, const Epilogue &epilogue, const Sizes &input,
                           Precision precision) {
    const at::Tensor bias = convolution.bias.isTensor() ? convolution.bias.toTensor() : at::Tensor();
    auto packed = c10::make_intrusive<PackedConvolution>(
        FusedConvolution{convolution.weights, bias, convolution.stride, convolution.padding, convolution.padding_behind,
                         convolution.dilation, convolution.groups, epilogue.before_addition,
                         epilogue.addend != nullptr, epilogue.activation, precision});
    return input.empty() || packed->suits(input) ? c10::IValue(std::move(packed)) : c10::IValue();
}

Node *differentiable_call(Graph &graph, const Convolution &convolution, Value *weights) {
    return graph.create(symbol("ctorch::differentiable_convolution"), {convolution.input(), weights}, 1);
}

Node *fused_call(Graph &graph, const Convolution &convolution, const Epilogue &epilogue, Value *weights) {
    Value *input = convolution.input();
    if (epilogue.addend == nullptr) return graph.create(symbol("ctorch::convolution"), {input, weights}, 1);
    return graph.create(symbol("ctorch::convolution_add"), {input, epilogue.addend, weights}, 1);
}

void overwrite_addends(Graph &graph) {
    for (Node *node : std::vector<Node *>(graph.nodes().begin(), graph.nodes().end())) {
        const bool may = is_one_of(node, {"ctorch::convolution_add"}) && may_overwrite(node);
        if (may) replace_operator(node, "ctorch::convolution_add_");
    }
}

} // namespace ctorch

TORCH_LIBRARY_FRAGMENT(ctorch, library) {
    library.class_<ctorch::PackedConvolution>("PackedConvolution");
    const auto define = [&](const std::string &arguments, auto *function) {
        const std::string packed = ", __torch__.torch.classes.ctorch.PackedConvolution packed";
        const bool overwrites = arguments.find("(a!)") != std::string::npos;
        library.def((arguments + packed + (overwrites ? ") -> Tensor(a!)" : ") -> Tensor")).c_str(), function);
    };
    define("convolution(Tensor input", ctorch::convolve);
    define("convolution_to_float32(Tensor input", ctorch::convolve_to_float32);
    define("differentiable_convolution(Tensor input", ctorch::convolve_with_gradient);
    define("convolution_add(Tensor input, Tensor addend", ctorch::convolve_and_add);
    define("convolution_add_(Tensor input, Tensor(a!) addend", ctorch::convolve_onto);
    library.def("narrowed(Tensor input) -> Tensor", ctorch::narrowed);
    library.def("widened(Tensor input) -> Tensor", ctorch::widened);
}

#endif
