#pragma once

#include "graph.hpp"

namespace ctorch {

/// What convolutions multiply. They add up in float32 always.
enum class Precision {
    float32,
    bfloat16,   ///< 8 bits of significand, the exponent of float32.
};

/// Whether the processor multiplies bfloat16 itself, and oneDNN is called directly.
bool can_compute_in_bfloat16();

/// Throws PrecisionUnsupported with what is missing.
void require_bfloat16();

/// Lets a graph without gradients, its convolutions packed for bfloat16, keep what lies between them in bfloat16, too.
/// Inputs and outputs stay float32, and so does all around an operator that is not known to work in bfloat16.
void keep_bfloat16_between_convolutions(const std::shared_ptr<Graph> &graph);

} // namespace ctorch
