#pragma once

#include "copencv.h"

#include <array>
#include <cstdint>

namespace copencv {

/// So many pixels are painted at once: what they need on the way stays in the nearest cache.
constexpr int block = 64;

/// The colours of a block, blue, green and red of one pixel after the other. A byte more, for the last one is written
/// with a fourth.
using Colors = std::array<uint8_t, 3 * block + 1>;

/// The 256 colours of a map.
struct Palette {
    explicit Palette(COpenCVColorMap map);

    /// Of up to a block of heat, 0...1 each. The colour of a heat is number floor(255 x heat), as numpy's
    /// `uint8(255 * heat)` cuts: only the maximum itself gets the hottest one.
    void look_up(Colors &colors, const float *heat, int count) const;

    /// Blue, green, red and nothing of each colour.
    std::array<std::array<uint8_t, 4>, 256> pixels{};
    /// The blue, the green and the red of all colours.
    alignas(64) std::array<std::array<uint8_t, 256>, 3> channels{};
};

} // namespace copencv
