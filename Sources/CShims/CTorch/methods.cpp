#include "methods.hpp"

#include "status.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace ctorch {
namespace {

at::Tensor quotient_or_zero(const at::Tensor &dividend, const at::Tensor &divisor) {
    const at::Tensor is_zero = divisor == 0;
    return (dividend / divisor.masked_fill(is_zero, 1)).masked_fill(is_zero, 0);
}

/// A map that is zero outside of the window.
at::Tensor on_grid(const at::Tensor &window, int64_t top, int64_t left, const at::Tensor &activation) {
    if (window.sizes() == activation.sizes().slice(1)) return window;
    at::Tensor map = at::zeros({activation.size(1), activation.size(2)}, activation.options());
    map.narrow(0, top, window.size(0)).narrow(1, left, window.size(1)).copy_(window);
    return map;
}

/// The sum of the channels with the same weights, C, in every cell.
at::Tensor weighted_channels(const at::Tensor &weights, const at::Tensor &activation) {
    // Channels last are a matrix already.
    return at::matmul(activation.permute({1, 2, 0}), weights.to(activation.scalar_type()));
}

/// The sum over the channels of gradient times activation.
at::Tensor product(const at::Tensor &values, const Gradient &gradient, const at::Tensor &activation) {
    return on_grid((values * gradient.window_of(activation)).sum(0), gradient.top, gradient.left, activation);
}

/// Weights: the mean gradient of each channel (Selvaraju et al. 2017, eq. 1 and 2).
at::Tensor grad_cam(const at::Tensor &activation, const Gradient &gradient) {
    const auto cells = static_cast<double>(activation.size(1) * activation.size(2));
    return weighted_channels(gradient.values.sum({1, 2}) / cells, activation);
}

/// Weights: the positive gradients times alpha = g^2 / (2 g^2 + g^3 sum(A)), that is 1 / (2 + g sum(A)) (Chattopadhay
/// et al. 2018, eq. 19). The score is taken for exp(target), whose higher derivatives are powers of the first; its
/// factor exp(target), the same everywhere, is left out.
at::Tensor grad_cam_plus_plus(const at::Tensor &activation, const Gradient &gradient) {
    const at::Tensor precise = gradient.values.to(at::kDouble);
    const at::Tensor total_activation = activation.to(at::kDouble).sum({1, 2}, /*keepdim=*/true);
    const at::Tensor alpha = quotient_or_zero(at::ones_like(precise), 2 + total_activation * precise);
    return weighted_channels((alpha * precise.clamp_min(0)).sum({1, 2}), activation);
}

/// Weights: the gradients' mean, weighted by the activation itself (Fu et al. 2020, eq. 8).
at::Tensor x_grad_cam(const at::Tensor &activation, const Gradient &gradient) {
    const at::Tensor precise = activation.to(at::kDouble);
    const at::Tensor weights = quotient_or_zero((gradient.window_of(precise) * gradient.values).sum({1, 2}),
                                                precise.sum({1, 2}));
    return weighted_channels(weights, activation);
}

/// So far a gradient spreads in the local method, in cells. Beyond lie 6e-5 of the Gaussian.
constexpr int64_t blur_radius = 4;

/// As a matrix product, along one side: a Gaussian with a sigma of one cell; outside of the grid there is nothing.
/// - from, to: first cells of what is read and of what is computed.
at::Tensor blur(int64_t from, int64_t cells, int64_t to, int64_t blurred_cells, const at::TensorOptions &options) {
    const at::Tensor distance = at::arange(to, to + blurred_cells, options).unsqueeze(1) -
                                at::arange(from, from + cells, options).unsqueeze(0);
    const at::Tensor bell = (at::arange(-blur_radius, blur_radius + 1, options).square() / -2).exp();
    return (distance.square() / -2).exp().masked_fill(distance.abs() > blur_radius, 0) / bell.sum();
}

/// Weights: the gradients around each cell, by a Gaussian. They reach a few cells beyond the gradient's window.
at::Tensor local_grad_cam(const at::Tensor &activation, const Gradient &gradient) {
    const int64_t height = gradient.values.size(1);
    const int64_t width = gradient.values.size(2);
    const int64_t top = std::max<int64_t>(gradient.top - blur_radius, 0);
    const int64_t left = std::max<int64_t>(gradient.left - blur_radius, 0);
    const int64_t near_height = std::min(gradient.top + height + blur_radius, activation.size(1)) - top;
    const int64_t near_width = std::min(gradient.left + width + blur_radius, activation.size(2)) - left;
    const at::TensorOptions options = gradient.values.options();
    // With channels last both sides are products of few large matrices.
    const at::Tensor lines = gradient.values.permute({1, 2, 0}).reshape({height, -1});
    const at::Tensor high = at::matmul(blur(gradient.top, height, top, near_height, options), lines);
    const at::Tensor weights = at::matmul(blur(gradient.left, width, left, near_width, options),
                                          high.view({near_height, width, -1}));
    const at::Tensor near = activation.narrow(1, top, near_height).narrow(2, left, near_width).permute({1, 2, 0});
    return on_grid((weights * near).sum(2), top, left, activation);
}

/// The projection of every cell's channels, centred, on their first principal component (Muhammad & Yeasin 2020). A
/// component has no sign of its own: the map takes the one that correlates with the sum of the channels.
at::Tensor eigen_cam(const at::Tensor &activation) {
    const int64_t height = activation.size(1);
    const int64_t width = activation.size(2);
    if (!at::isfinite(activation).all().item<bool>()) {
        return at::full({height, width}, std::numeric_limits<float>::quiet_NaN(), activation.options());
    }
    const at::Tensor cells = activation.flatten(1).t().to(at::kDouble);
    const at::Tensor centred = cells - cells.mean(0, /*keepdim=*/true);
    at::Tensor map;
    // The eigenvectors of the smaller of the two products lead to the same singular vectors; eigh sorts ascending.
    if (centred.size(0) < centred.size(1)) {
        const auto [values, vectors] = at::linalg_eigh(at::mm(centred, centred.t()));
        map = vectors.select(1, -1) * values.select(0, -1).clamp_min(0).sqrt();
    } else {
        const auto [values, vectors] = at::linalg_eigh(at::mm(centred.t(), centred));
        map = at::mv(centred, vectors.select(1, -1));
    }
    const double correlation = at::dot(map, centred.sum(1)).item<double>();
    return (correlation < 0 ? -map : map).to(at::kFloat).view({height, width});
}

} // namespace

at::Tensor class_activation_map(CTorchMethod method, const at::Tensor &activation, const Gradient &gradient) {
    if (method == CTorchMethodEigenCAM) return eigen_cam(activation);
    if (!gradient.values.defined()) return at::zeros({activation.size(1), activation.size(2)}, activation.options());
    switch (method) {
    case CTorchMethodGradCAM: return grad_cam(activation, gradient);
    case CTorchMethodGradCAMPlusPlus: return grad_cam_plus_plus(activation, gradient);
    case CTorchMethodHiResCAM: return product(gradient.values, gradient, activation);
    case CTorchMethodLayerCAM: return product(gradient.values.clamp_min(0), gradient, activation);
    case CTorchMethodXGradCAM: return x_grad_cam(activation, gradient);
    case CTorchMethodLocalGradCAM: return local_grad_cam(activation, gradient);
    case CTorchMethodEigenCAM: break;
    }
    throw Failure(CTorchCodeInvalidArgument, "There is no such method.");
}

} // namespace ctorch
