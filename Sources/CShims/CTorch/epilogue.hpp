#pragma once

#include "convolution.hpp"

#include <string>
#include <vector>

namespace ctorch {

/// An elementwise function that is computed with a convolution.
struct FusedActivation {
    std::string name = "none";      ///< relu, swish, hardswish, sigmoid, hardtanh
    std::vector<double> parameters; ///< hardtanh's limits

    bool is_none() const { return name == "none"; }

    /// What a node computes of its first input, or none.
    static FusedActivation read(const Node *node);
};

/// What follows a convolution and is computed with it: an activation, then an addition, then another activation.
struct Epilogue {
    explicit Epilogue(Node *last) : last(last) {}

    Node *last;                ///< The node whose output the fused call replaces.
    FusedActivation before_addition;
    Value *addend = nullptr;   ///< What is added.
    FusedActivation activation;
};

/// Sizes on the probe around a convolution.
struct MeasuredSizes {
    Sizes input;
    Sizes result;
    Sizes addend;
};

/// What an addition adds to the convolution's result or to its activation, where nobody else reads these; else nullptr.
Value *addend(const Convolution &convolution);

/// The activation behind a convolution alone.
Epilogue activation_of(const Convolution &convolution);

/// All that can be computed with a convolution.
/// - activation_first: whether an addition may follow an activation.
Epilogue epilogue_of(const Convolution &convolution, const MeasuredSizes &sizes, bool activation_first);

} // namespace ctorch
