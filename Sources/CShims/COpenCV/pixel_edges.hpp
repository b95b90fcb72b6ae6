#pragma once

#include <algorithm>
#include <cmath>

namespace copencv {

/// The first pixel whose centre is at or behind `edge`, 0 ... length: an edge between pixels, rounded.
inline int first_pixel(double edge, int length) {
    return static_cast<int>(std::clamp(std::ceil(edge - 0.5), 0.0, static_cast<double>(length)));
}

} // namespace copencv
