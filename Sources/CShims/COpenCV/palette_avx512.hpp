#pragma once

#include "palette.hpp"

namespace copencv {

/// Whether the processor has AVX-512 VBMI (Ice Lake, Zen 4 and later).
bool permutes_bytes();

/// Palette::look_up with it: a table of 256 bytes fits into four registers, where 64 pixels are looked up at once.
/// Compilers make a slow scatter of it.
void permute(Colors &colors, const float *heat, int count, const Palette &palette);

} // namespace copencv
