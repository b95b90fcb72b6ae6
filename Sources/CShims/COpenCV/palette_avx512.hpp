#pragma once

#include "palette.hpp"

namespace copencv {

/// Palette::look_up with AVX-512 VBMI (Ice Lake, Zen 4 and later): a table of 256 bytes fits into four registers, where
/// 64 pixels are looked up at once. Compilers make a slow scatter of it.

/// Whether the processor has it.
bool permutes_bytes();
void permute(Colors &colors, const float *heat, int count, const Palette &palette);

} // namespace copencv
