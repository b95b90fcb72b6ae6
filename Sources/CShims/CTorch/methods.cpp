#include "methods.hpp"

#include "status.hpp"

#include <ATen/ATen.h>
#include <ATen/TensorIndexing.h>

#include <algorithm>
#include <array>
#include <limits>

namespace ctorch {
namespace {

at::Tensor quotient_or_zero(const at::Tensor &dividend, const at::Tensor &divisor) {
    const at::Tensor is_zero = divisor == 0;
    return (dividend / divisor.masked_fill(is_zero, 1)).masked_fill(is_zero, 0);
}

at::Tensor weighted_sum(const at::Tensor &weights, const at::Tensor &activation) {
    return (weights * activation).sum(0);
}

/// Weights: the mean gradient of each channel (Selvaraju et al. 2017, eq. 1 and 2).
at::Tensor grad_cam(const at::Tensor &activation, const at::Tensor &gradient) {
    return weighted_sum(gradient.mean({1, 2}, /*keepdim=*/true), activation);
}

/// Weights: the positive gradients times alpha = g^2 / (2 g^2 + g^3 sum(A)), that is 1 / (2 + g sum(A)) (Chattopadhay
/// et al. 2018, eq. 19). The score is taken for exp(target), whose higher derivatives are powers of the first; its
/// factor exp(target), the same everywhere, is left out.
at::Tensor grad_cam_plus_plus(const at::Tensor &activation, const at::Tensor &gradient) {
    const at::Tensor precise = gradient.to(at::kDouble);
    const at::Tensor total_activation = activation.to(at::kDouble).sum({1, 2}, /*keepdim=*/true);
    const at::Tensor alpha = quotient_or_zero(at::ones_like(precise), 2 + total_activation * precise);
    const at::Tensor weights = (alpha * precise.clamp_min(0)).sum({1, 2}, /*keepdim=*/true);
    return weighted_sum(weights.to(at::kFloat), activation);
}

/// Weights: the gradients' mean, weighted by the activation itself (Fu et al. 2020, eq. 8).
at::Tensor x_grad_cam(const at::Tensor &activation, const at::Tensor &gradient) {
    const at::Tensor precise = activation.to(at::kDouble);
    const at::Tensor weights = quotient_or_zero((precise * gradient).sum({1, 2}, /*keepdim=*/true),
                                                precise.sum({1, 2}, /*keepdim=*/true));
    return weighted_sum(weights.to(at::kFloat), activation);
}

/// So far a gradient spreads in the local method, in cells. Beyond lie 6e-5 of the Gaussian.
constexpr int64_t blur_radius = 4;

/// As a matrix product, along one side: a Gaussian with a sigma of one cell; outside of the grid there is nothing.
at::Tensor blur(int64_t cells, const at::TensorOptions &options) {
    const at::Tensor place = at::arange(cells, options);
    const at::Tensor distance = place.unsqueeze(0) - place.unsqueeze(1);
    const at::Tensor bell = (at::arange(-blur_radius, blur_radius + 1, options).square() / -2).exp();
    return (distance.square() / -2).exp().masked_fill(distance.abs() > blur_radius, 0) / bell.sum();
}

/// Weights: the gradients around each cell, by a Gaussian. The gradient of a detector's row is zero outside of a few
/// cells, so only those and what lies around them is computed.
at::Tensor local_grad_cam(const at::Tensor &activation, const at::Tensor &gradient) {
    at::Tensor map = at::zeros({activation.size(1), activation.size(2)}, activation.options());
    const at::Tensor cells = (gradient != 0).any(0).nonzero();
    if (cells.size(0) == 0) return map;
    std::array<at::indexing::TensorIndex, 2> around{at::indexing::Slice(), at::indexing::Slice()};
    for (int64_t side = 0; side < 2; ++side) {
        const at::Tensor places = cells.select(1, side);
        around[static_cast<size_t>(side)] =
            at::indexing::Slice(std::max<int64_t>(places.min().item<int64_t>() - blur_radius, 0),
                                places.max().item<int64_t>() + blur_radius + 1);
    }
    const at::Tensor near = gradient.index({at::indexing::Slice(), around[0], around[1]});
    const at::Tensor weights = at::matmul(at::matmul(blur(near.size(1), near.options()), near),
                                          blur(near.size(2), near.options()));
    map.index_put_({around[0], around[1]},
                   weighted_sum(weights, activation.index({at::indexing::Slice(), around[0], around[1]})));
    return map;
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

at::Tensor class_activation_map(CTorchMethod method, const at::Tensor &activation, const at::Tensor &gradient) {
    switch (method) {
    case CTorchMethodGradCAM: return grad_cam(activation, gradient);
    case CTorchMethodGradCAMPlusPlus: return grad_cam_plus_plus(activation, gradient);
    case CTorchMethodHiResCAM: return weighted_sum(gradient, activation);
    case CTorchMethodLayerCAM: return weighted_sum(gradient.clamp_min(0), activation);
    case CTorchMethodXGradCAM: return x_grad_cam(activation, gradient);
    case CTorchMethodEigenCAM: return eigen_cam(activation);
    case CTorchMethodLocalGradCAM: return local_grad_cam(activation, gradient);
    }
    throw Failure(CTorchCodeInvalidArgument, "There is no such method.");
}

} // namespace ctorch
