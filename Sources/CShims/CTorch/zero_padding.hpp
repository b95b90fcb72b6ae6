#pragma once

#include "convolution.hpp"

namespace ctorch {

/// The convolution of a padded tensor as one of the tensor itself, which pads by as much more: "same" padding of an even
/// number of cells, as TensorFlow's networks have it, is an operator by itself that copies the whole tensor. The
/// convolution as it is where nothing of that kind lies before it.
/// - uneven: whether the convolution may pad by more behind than before.
Convolution with_zeros_around(const Convolution &convolution, bool uneven);

} // namespace ctorch
