#pragma once

#include <ATen/core/Tensor.h>

namespace ctorch {

/// The gradient of a target at a layer, for one image: zero outside of a window.
struct Gradient {
    at::Tensor values;   ///< C,H,W of the window; undefined where the gradient is zero everywhere.
    int64_t top = 0;     ///< Where the window lies in the layer's grid.
    int64_t left = 0;

    /// What of a tensor of the whole grid, C,H,W, lies in the window.
    at::Tensor window_of(const at::Tensor &whole) const {
        return whole.narrow(1, top, values.size(1)).narrow(2, left, values.size(2));
    }
};

} // namespace ctorch
