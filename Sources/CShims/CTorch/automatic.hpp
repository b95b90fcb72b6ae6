#pragma once

#include "network.hpp"

#include <optional>
#include <string>

namespace ctorch {

/// The layer that is taken when nobody names one.
struct AutomaticLayer {
    std::optional<size_t> index;
    std::string reason;   ///< Why this one, or why none: one sentence.
};

/// Tries the candidates by a backward pass, best first, until a gradient reaches one.
AutomaticLayer choose_layer(const Network &network);

} // namespace ctorch
