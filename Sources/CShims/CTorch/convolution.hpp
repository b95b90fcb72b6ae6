#pragma once

#include "graph.hpp"

#include <ATen/core/Tensor.h>

#include <optional>

namespace ctorch {

/// A 2-D convolution of a graph whose weights and settings are constants.
struct Convolution {
    static std::optional<Convolution> read(Node *node);

    /// What is convolved, as the graph has it now.
    Value *input() const { return first->input(0); }

    Node *node;
    const Node *first;       ///< The convolution itself, or what pads its input and is taken for a part of it.
    at::Tensor weights;      ///< out, in / groups, kernel height, kernel width
    c10::IValue bias;        ///< A tensor or None.
    Sizes stride;
    Sizes padding;           ///< Zeros above and on the left.
    Sizes padding_behind;    ///< Below and on the right.
    Sizes dilation;
    int64_t groups;
};

/// The only reader of a node's single output, or nullptr where there are several or it is a graph's output.
Node *only_reader(const Node *node);

} // namespace ctorch
