#pragma once

#include <opencv2/core.hpp>

namespace copencv {

/// Shrinks by averaging: each pixel of the result is the mean of the area that falls into it, rounded half up. What
/// INTER_AREA computes, in an order that lets the compiler take many bytes at once: first down the columns, then along
/// what is left of the rows.
/// - pixels: 8 bit, three channels.
/// - size: at most that of `pixels`.
/// - part: what of the shrunk picture is wanted; not empty, and within it.
cv::Mat shrunk_by_area(const cv::Mat &pixels, cv::Size size, cv::Rect part);

} // namespace copencv
