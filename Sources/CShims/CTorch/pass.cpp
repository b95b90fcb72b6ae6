#include "pass.hpp"

#include "layers.hpp"
#include "methods.hpp"
#include "status.hpp"
#include "threads.hpp"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

namespace ctorch {
namespace {

/// C,H,W of one image; the tokens of a transformer without class token and registers as their grid.
at::Tensor on_grid(const at::Tensor &values, size_t image, int64_t image_count) {
    const Sizes sizes = values.sizes().vec();
    if (!has_grid(sizes) || sizes[0] != image_count) {
        throw Failure(CTorchCodeInputRejected, "The layer's activation, " + text_of(sizes) +
                                                   ", is no grid for every image of the batch.");
    }
    const at::Tensor own = values.select(0, static_cast<int64_t>(image));
    if (own.dim() == 3) return own;
    const TokenGrid grid = token_grid(own.size(0));
    return own.slice(0, grid.extra_tokens).t().reshape({own.size(1), grid.side, grid.side});
}

/// Undefined where no gradient reaches an input. May be called again.
std::vector<at::Tensor> backward(const std::vector<at::Tensor> &outputs, const std::vector<at::Tensor> &weights,
                                 const std::vector<at::Tensor> &inputs) {
    return torch::autograd::grad(outputs, inputs, weights, /*retain_graph=*/true, /*create_graph=*/false,
                                 /*allow_unused=*/true);
}

/// The part of a gradient, C,H,W, that is not zero.
Gradient without_zeros(const at::Tensor &values) {
    const at::Tensor cells = (values != 0).any(0).nonzero();
    if (cells.size(0) == 0) return {};
    const at::Tensor first = std::get<0>(cells.min(0)), last = std::get<0>(cells.max(0));
    Gradient gradient{at::Tensor(), first[0].item<int64_t>(), first[1].item<int64_t>()};
    gradient.values = values.narrow(1, gradient.top, last[0].item<int64_t>() + 1 - gradient.top)
                          .narrow(2, gradient.left, last[1].item<int64_t>() + 1 - gradient.left);
    return gradient;
}

} // namespace

std::vector<at::Tensor> Pass::gradients(const at::Tensor &weights_of_logits) const {
    std::vector<at::Tensor> gradients(activations_.size());
    if (!logits_.requires_grad()) return gradients;
    std::vector<at::Tensor> reachable;
    std::vector<size_t> indices;
    for (size_t index = 0; index < activations_.size(); ++index) {
        if (!activations_[index].requires_grad()) continue;
        reachable.push_back(activations_[index]);
        indices.push_back(index);
    }
    if (reachable.empty()) return gradients;
    prepare_thread();
    const auto [differentiated, weights] = weighted_parts(weights_of_logits);
    if (differentiated.empty()) return gradients;
    const std::vector<at::Tensor> found = backward(differentiated, weights, reachable);
    for (size_t position = 0; position < indices.size(); ++position) gradients[indices[position]] = found[position];
    return gradients;
}

std::pair<std::vector<at::Tensor>, std::vector<at::Tensor>> Pass::weighted_parts(const at::Tensor &weights) const {
    if (parts_.empty()) return {{logits_}, {weights}};
    // From the logits to their parts elements are only moved: that costs nothing beside a convolution.
    std::vector<at::Tensor> reachable;
    for (const at::Tensor &part : parts_) {
        if (part.requires_grad()) reachable.push_back(part);
    }
    std::vector<at::Tensor> differentiated;
    std::vector<at::Tensor> weights_of_parts;
    if (reachable.empty()) return {differentiated, weights_of_parts};
    const std::vector<at::Tensor> found = backward({logits_}, {weights}, reachable);
    for (size_t index = 0; index < reachable.size(); ++index) {
        if (!found[index].defined() || !(found[index] != 0).any().item<bool>()) continue;
        differentiated.push_back(reachable[index]);
        weights_of_parts.push_back(found[index]);
    }
    return {differentiated, weights_of_parts};
}

std::vector<bool> Pass::gradients_flow() const {
    std::vector<bool> flows;
    if (!logits_.is_floating_point()) return std::vector<bool>(activations_.size(), false);
    // Random weights: with equal ones opposite classes would cancel out.
    at::Generator generator = at::detail::createCPUGenerator(/*seed=*/1);
    const at::Tensor weights = at::randn(logits_.sizes(), generator, logits_.options().requires_grad(false));
    for (const at::Tensor &gradient : gradients(weights)) {
        flows.push_back(gradient.defined() && (gradient != 0).any().item<bool>());
    }
    return flows;
}

at::Tensor Pass::weights_of(const Key &target) const {
    at::Tensor weights = at::zeros(logits_.numel(), logits_.options().requires_grad(false));
    const int64_t first = static_cast<int64_t>(target.image) * elements_per_image();
    for (const auto &[element, weight] : target.terms) weights[first + static_cast<int64_t>(element)] += weight;
    return weights.view(logits_.sizes());
}

Pass::Key Pass::key_of(const CTorchTarget &target) const {
    require(target.image < static_cast<size_t>(image_count_), "The batch has no such image.");
    Key key{target.image, {}};
    for (size_t index = 0; index < target.term_count; ++index) {
        const CTorchTerm &term = target.terms[index];
        require(term.element < static_cast<size_t>(elements_per_image()), "The network's output has no such element.");
        require(std::isfinite(term.weight), "Weights are finite.");
        key.terms.emplace_back(term.element, term.weight);
    }
    return key;
}

Gradient Pass::gradient(size_t layer, const Key &target) {
    if (parts_.empty()) return gradient_of_whole(layer, target);
    find_cells({target});
    const auto found =
        std::find_if(cells_.begin(), cells_.end(), [&](const auto &cell) { return cell.first == target; });
    if (!found->second) return gradient_of_whole(layer, target);
    const InCell &cell = *found->second;
    const Part &part = known_parts_->at(cell.part);
    // A detector's row does not depend on the levels that are computed after its own.
    if (!part.depends_on.at(layer)) return {};
    for (size_t index = 0; index < cell.gradients.size(); ++index) {
        if (part.branch->layers()[index] == layer) return cell.gradients[index];
    }
    return gradient_of_whole(layer, target);
}

Gradient Pass::gradient_of_whole(size_t layer, const Key &target) {
    if (!last_ || !(last_->first == target)) last_.emplace(target, gradients(weights_of(target)));
    const at::Tensor &gradient = last_->second.at(layer);
    const bool is_zero = !parts_.empty() && logits_.requires_grad();
    if (!gradient.defined() && is_zero) return {};
    if (!gradient.defined()) {
        throw Failure(CTorchCodeGradientBlocked,
                      "No gradient reaches the layer (the network detaches or rounds behind it): take EigenCAM, which "
                      "needs none, or a layer behind.");
    }
    const at::Tensor own = on_grid(gradient, target.image, image_count_);
    return parts_.empty() ? Gradient{own} : without_zeros(own);
}

at::Tensor Pass::activation(size_t layer, size_t image) const {
    return on_grid(activations_.at(layer).detach(), image, image_count_);
}

at::Tensor Pass::explain(size_t layer, const CTorchTarget &target, CTorchMethod method) {
    const Key key = key_of(target);
    const at::NoGradGuard no_gradient;
    prepare_thread();
    const at::Tensor activation = this->activation(layer, target.image);
    if (method == CTorchMethodEigenCAM) return class_activation_map(method, activation, {}).contiguous();
    return class_activation_map(method, activation, gradient(layer, key)).contiguous();
}

} // namespace ctorch
