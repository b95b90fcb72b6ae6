#pragma once

#include "automatic.hpp"
#include "plan.hpp"

// What the handles of ctorch.h are.

struct CTorchModel {
    ctorch::Network network;
    ctorch::AutomaticLayer automatic;
};

struct CTorchPlan {
    ctorch::Plan plan;
};

struct CTorchPass {
    ctorch::Pass pass;
    at::Tensor output;   ///< float32, row-major: what the caller sees.
    at::Tensor logits;
};

namespace ctorch {

/// More elements than any input has; products below it do not overflow.
constexpr int64_t maximum_element_count = int64_t{1} << 31;

/// Throws InvalidArgument unless the sizes of an N,C,H,W are positive (or zero, where that is allowed), and their
/// product small enough.
void require_sizes(const CTorchShape &shape, bool zero_allowed);

} // namespace ctorch
