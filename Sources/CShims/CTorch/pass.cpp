#include "pass.hpp"

#include "layers.hpp"
#include "methods.hpp"
#include "status.hpp"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>

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
    at::init_num_threads();
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

at::Tensor Pass::weights_of(const CTorchTarget &target) const {
    const int64_t per_image = logits_.numel() / image_count_;
    at::Tensor weights = at::zeros(logits_.numel(), logits_.options().requires_grad(false));
    for (size_t index = 0; index < target.term_count; ++index) {
        const CTorchTerm &term = target.terms[index];
        require(term.element < static_cast<size_t>(per_image), "The network's output has no such element.");
        require(std::isfinite(term.weight), "Weights are finite.");
        weights[static_cast<int64_t>(target.image) * per_image + static_cast<int64_t>(term.element)] += term.weight;
    }
    return weights.view(logits_.sizes());
}

at::Tensor Pass::gradient(size_t layer, const CTorchTarget &target) {
    std::vector<std::pair<size_t, float>> terms;
    for (size_t index = 0; index < target.term_count; ++index) {
        terms.emplace_back(target.terms[index].element, target.terms[index].weight);
    }
    if (!last_ || last_->image != target.image || last_->terms != terms) {
        last_ = Differentiated{target.image, std::move(terms), gradients(weights_of(target))};
    }
    const at::Tensor &gradient = last_->gradients.at(layer);
    // A detector's row does not depend on the levels that are computed after its own.
    const bool is_zero = !parts_.empty() && logits_.requires_grad();
    if (!gradient.defined() && is_zero) return at::zeros_like(activations_.at(layer));
    if (!gradient.defined()) {
        throw Failure(CTorchCodeGradientBlocked,
                      "No gradient reaches the layer (the network detaches or rounds behind it): take EigenCAM, which "
                      "needs none, or a layer behind.");
    }
    return gradient;
}

at::Tensor Pass::explain(size_t layer, const CTorchTarget &target, CTorchMethod method) {
    require(target.image < static_cast<size_t>(image_count_), "The batch has no such image.");
    const at::NoGradGuard no_gradient;
    const at::Tensor activation = on_grid(activations_.at(layer).detach(), target.image, image_count_);
    if (method == CTorchMethodEigenCAM) return class_activation_map(method, activation, {}).contiguous();
    const at::Tensor gradient = on_grid(this->gradient(layer, target), target.image, image_count_);
    return class_activation_map(method, activation, gradient).contiguous();
}

} // namespace ctorch
