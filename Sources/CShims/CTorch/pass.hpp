#pragma once

#include "ctorch.h"
#include "logits.hpp"

#include <ATen/core/Tensor.h>

#include <optional>
#include <utility>
#include <vector>

namespace ctorch {

/// What one forward pass of a batch left behind.
class Pass {
public:
    /// - parts: what the logits are put together from, where they are differentiated by parts.
    Pass(int64_t image_count, at::Tensor output, at::Tensor logits, std::vector<at::Tensor> parts,
         std::vector<at::Tensor> activations)
        : image_count_(image_count), output_(std::move(output)), logits_(std::move(logits)), parts_(std::move(parts)),
          activations_(std::move(activations)) {}

    const at::Tensor &output() const { return output_; }
    const at::Tensor &logits() const { return logits_; }

    /// For every layer: whether a gradient of the logits, each with a weight of its own, is not zero there.
    std::vector<bool> gradients_flow() const;

    /// The raw map of a layer, float32 H x W. Fails with GradientBlocked, InvalidArgument.
    at::Tensor explain(size_t layer, const CTorchTarget &target, CTorchMethod method);

    size_t layer_count() const { return activations_.size(); }

private:
    /// Undefined where no gradient reaches the layer.
    std::vector<at::Tensor> gradients(const at::Tensor &weights_of_logits) const;
    /// What of the logits is differentiated, and with which weights: those parts alone that hold a weighted element.
    std::pair<std::vector<at::Tensor>, std::vector<at::Tensor>> weighted_parts(const at::Tensor &weights) const;
    at::Tensor weights_of(const CTorchTarget &target) const;
    at::Tensor gradient(size_t layer, const CTorchTarget &target);

    int64_t image_count_;
    at::Tensor output_;
    at::Tensor logits_;
    std::vector<at::Tensor> parts_;
    std::vector<at::Tensor> activations_;

    /// The gradients of the target that was asked for last, for all layers: other methods and layers follow.
    struct Differentiated {
        size_t image;
        std::vector<std::pair<size_t, float>> terms;
        std::vector<at::Tensor> gradients;
    };
    std::optional<Differentiated> last_;
};

} // namespace ctorch
