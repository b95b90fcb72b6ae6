#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

namespace ctorch {

/// Where an element of a detector's logits comes from.
struct Source {
    size_t part;
    int64_t image, channel, y, x;
};

/// For each of `elements` (of the whole batch, all different) its source; nothing for one that comes from no part with
/// a grid. Between the parts and the logits elements are only moved: a gradient of the logits in which each of these
/// elements has a number of its own is found in the parts as it was.
std::vector<std::optional<Source>> find_sources(const at::Tensor &logits, const std::vector<at::Tensor> &parts,
                                                const std::vector<int64_t> &elements);

} // namespace ctorch
