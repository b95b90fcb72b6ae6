#pragma once

#include <opencv2/core.hpp>

namespace copencv {

/// Black or white, whichever stands out more from a BGR colour. The contrast ratio of WCAG 2.1 is 4.58 or more.
cv::Scalar contrasting(const cv::Scalar &color);

} // namespace copencv
