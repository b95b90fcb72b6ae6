#include "pass.hpp"

#include "layers.hpp"
#include "methods.hpp"
#include "status.hpp"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>

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
    at::init_num_threads();
    const std::vector<at::Tensor> found =
        torch::autograd::grad({logits_}, reachable, {weights_of_logits}, /*retain_graph=*/true,
                              /*create_graph=*/false, /*allow_unused=*/true);
    for (size_t position = 0; position < indices.size(); ++position) gradients[indices[position]] = found[position];
    return gradients;
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

at::Tensor Pass::one_logit(const CTorchTarget &target) const {
    const int64_t per_image = logits_.numel() / image_count_;
    require(target.element < static_cast<size_t>(per_image), "The network's output has no such element.");
    const int64_t index = static_cast<int64_t>(target.image) * per_image + static_cast<int64_t>(target.element);
    at::Tensor weights = at::zeros(logits_.numel(), logits_.options().requires_grad(false));
    weights[index] = 1;
    return weights.view(logits_.sizes());
}

at::Tensor Pass::gradient(size_t layer, const CTorchTarget &target) {
    if (!last_ || last_->image != target.image || last_->element != target.element) {
        last_ = Differentiated{target.image, target.element, gradients(one_logit(target))};
    }
    const at::Tensor &gradient = last_->gradients.at(layer);
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
    return class_activation_map(method, activation, gradient * target.sign).contiguous();
}

} // namespace ctorch
