#pragma once

#include "ctorch.h"
#include "gradient.hpp"

namespace ctorch {

/// The raw class activation map, float32 H x W, before ReLU and without normalization.
/// - activation: C,H,W.
/// - gradient: of the target with respect to `activation`; not read for EigenCAM.
/// Divisions of zero by zero count as zero.
at::Tensor class_activation_map(CTorchMethod method, const at::Tensor &activation, const Gradient &gradient);

} // namespace ctorch
