#pragma once

#include "gradient.hpp"
#include "graph.hpp"

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace ctorch {

/// What is differentiated of a part: a weighted sum of channels of one cell.
struct CellTarget {
    int64_t image, y, x;
    std::vector<std::pair<int64_t, float>> channels;
};

/// The way from a layer to a part of a detector's logits on which each cell depends on its neighbours alone, in the
/// same manner everywhere: stride 1, no pooling over the grid. A cell of the part then has a gradient in the few cells
/// around it, and is differentiated there: on a crop that holds all that it depends on.
class Branch {
public:
    /// The longest such way that ends at `part`, from any of `layers`; nothing where there is none.
    /// - layers: values of the suffix, one for each layer of the plan.
    static std::optional<Branch> find(Graph &suffix, Value *part, const std::vector<Value *> &layers);

    /// The layers that lie on it, by their indices in the plan: where it begins, then the others.
    const std::vector<size_t> &layers() const { return layers_; }

    /// For each target a gradient at each of `layers()`.
    /// - activation: N,C,H,W at the first of them.
    std::vector<std::vector<Gradient>> differentiate(const at::Tensor &activation,
                                                     const std::vector<CellTarget> &targets) const;

private:
    Branch(const std::shared_ptr<Graph> &graph, int64_t radius, std::vector<size_t> layers)
        : program_(std::make_shared<const Program>(graph, "branch")), radius_(radius), layers_(std::move(layers)) {}

    std::vector<std::vector<Gradient>> differentiate_batch(const at::Tensor &activation, const CellTarget *targets,
                                                           int64_t count) const;

    std::shared_ptr<const Program> program_;   ///< Activation -> part, the other layers.
    int64_t radius_;                           ///< So many cells around it a cell of the part depends on.
    std::vector<size_t> layers_;
};

/// What a plan knows of a part of the logits.
struct Part {
    std::vector<bool> depends_on;   ///< For each layer of the plan.
    std::optional<Branch> branch;
};

} // namespace ctorch
