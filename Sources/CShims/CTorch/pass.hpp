#pragma once

#include "branch.hpp"
#include "ctorch.h"
#include "sources.hpp"

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace ctorch {

/// What one forward pass of a batch left behind.
class Pass {
public:
    /// - parts: what the logits are put together from, where they are differentiated by parts.
    /// - known_parts: what the plan knows of each of them.
    Pass(int64_t image_count, at::Tensor output, at::Tensor logits, std::vector<at::Tensor> parts,
         std::shared_ptr<const std::vector<Part>> known_parts, std::vector<at::Tensor> activations)
        : image_count_(image_count), output_(std::move(output)), logits_(std::move(logits)), parts_(std::move(parts)),
          known_parts_(std::move(known_parts)), activations_(std::move(activations)) {}

    const at::Tensor &output() const { return output_; }
    const at::Tensor &logits() const { return logits_; }

    /// For every layer: whether a gradient of the logits, each with a weight of its own, is not zero there.
    std::vector<bool> gradients_flow() const;

    /// Whether the branch that ends at a part finds the gradients that the whole suffix has.
    /// - tolerance: relative to the largest.
    bool agrees_with_branch(size_t part, double tolerance) const;

    /// Differentiates targets that will be explained, those of one branch together. Fails with InvalidArgument.
    void differentiate(const std::vector<CTorchTarget> &targets);

    /// C,H,W of one image: tokens as their grid. Fails with InputRejected where there is no grid.
    at::Tensor activation(size_t layer, size_t image) const;

    /// The raw map of a layer, float32 H x W. Fails with GradientBlocked, InvalidArgument.
    at::Tensor explain(size_t layer, const CTorchTarget &target, CTorchMethod method);

    size_t layer_count() const { return activations_.size(); }

private:
    struct Key {
        size_t image;
        std::vector<std::pair<size_t, float>> terms;

        bool operator==(const Key &other) const { return image == other.image && terms == other.terms; }
    };
    /// A target that lies in one cell of one part.
    struct InCell {
        size_t part;
        CellTarget target;
        /// At each layer of the part's branch; empty where there is none.
        std::vector<Gradient> gradients;
    };

    /// Undefined where no gradient reaches the layer.
    std::vector<at::Tensor> gradients(const at::Tensor &weights_of_logits) const;
    /// What of the logits is differentiated, and with which weights: those parts alone that hold a weighted element.
    std::pair<std::vector<at::Tensor>, std::vector<at::Tensor>> weighted_parts(const at::Tensor &weights) const;
    at::Tensor weights_of(const Key &target) const;
    int64_t elements_per_image() const { return logits_.numel() / image_count_; }
    int64_t element_of(size_t image, size_t element) const {
        return static_cast<int64_t>(image) * elements_per_image() + static_cast<int64_t>(element);
    }

    Key key_of(const CTorchTarget &target) const;
    /// Of targets that are not known yet.
    void find_cells(const std::vector<Key> &targets);
    /// Nothing where the terms come from several cells, or from none.
    static std::optional<InCell> common_cell(const std::vector<std::optional<Source>> &terms, const Key &target);
    /// Where the part's branch begins and ends.
    bool is_finite(size_t part) const;
    Gradient gradient(size_t layer, const Key &target);
    Gradient gradient_of_whole(size_t layer, const Key &target);

    int64_t image_count_;
    at::Tensor output_;
    at::Tensor logits_;
    std::vector<at::Tensor> parts_;
    std::shared_ptr<const std::vector<Part>> known_parts_;
    std::vector<at::Tensor> activations_;

    /// What was asked for already; nothing for a target that lies in more than one cell.
    std::vector<std::pair<Key, std::optional<InCell>>> cells_;
    /// The gradients of the last target that the whole suffix was differentiated for, at all layers: other methods and
    /// layers follow.
    std::optional<std::pair<Key, std::vector<at::Tensor>>> last_;
};

} // namespace ctorch
