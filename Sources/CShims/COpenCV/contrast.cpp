#include "contrast.hpp"

#include <cmath>

namespace copencv {

namespace {

/// Light of one sRGB channel, 0...1 (IEC 61966-2-1).
double linear(double value) {
    const double share = value / 255;
    return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
}

} // namespace

cv::Scalar contrasting(const cv::Scalar &color) {
    const double luminance = 0.0722 * linear(color[0]) + 0.7152 * linear(color[1]) + 0.2126 * linear(color[2]);
    // (luminance + 0.05) / 0.05 against black, 1.05 / (luminance + 0.05) against white.
    const bool black_stands_out = (luminance + 0.05) * (luminance + 0.05) > 1.05 * 0.05;
    return cv::Scalar::all(black_stands_out ? 0 : 255);
}

} // namespace copencv
