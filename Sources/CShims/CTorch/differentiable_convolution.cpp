#include <torch/version.h>

#if TORCH_VERSION_MAJOR < 2

#include "differentiable_convolution.hpp"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace ctorch {
namespace {

using Packed = c10::intrusive_ptr<PackedConvolution>;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class DifferentiableConvolution : public torch::autograd::Function<DifferentiableConvolution> {
public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &input, const Packed &packed) {
        context->saved_data["packed"] = packed;
        context->saved_data["sizes"] = input.sizes();
        return packed->run(input);
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients) {
        const auto packed = context->saved_data["packed"].toCustomClass<PackedConvolution>();
        return {packed->gradient(gradients[0], context->saved_data["sizes"].toIntVector()), at::Tensor()};
    }
};

} // namespace

at::Tensor convolve_with_gradient(const at::Tensor &input, const Packed &packed) {
    return DifferentiableConvolution::apply(input, packed);
}

} // namespace ctorch

#endif
