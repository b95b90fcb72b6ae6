#pragma once

#include "packed_convolution.hpp"

namespace ctorch {

/// The packed convolution, differentiable with respect to its input. Without anything that is computed with it.
at::Tensor convolve_with_gradient(const at::Tensor &input, const c10::intrusive_ptr<PackedConvolution> &packed);

} // namespace ctorch
