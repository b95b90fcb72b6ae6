#pragma once

#include "graph.hpp"

#include <ATen/core/Tensor.h>

#include <optional>

namespace ctorch {

/// A 2-D convolution of a graph whose weights and settings are constants.
struct Convolution {
    static std::optional<Convolution> read(Node *node);

    Node *node;
    at::Tensor weights;    ///< out, in / groups, kernel height, kernel width
    c10::IValue bias;      ///< A tensor or None.
    Sizes stride;
    Sizes padding;
    Sizes dilation;
    int64_t groups;
};

/// The only reader of a node's single output, or nullptr where there are several or it is a graph's output.
Node *only_reader(const Node *node);

} // namespace ctorch
