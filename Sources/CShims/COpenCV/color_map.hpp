#pragma once

#include "copencv.h"

#include <opencv2/core.hpp>

namespace copencv {

/// 256 BGR colours in one row, cold to hot: OpenCV's own table of that name.
cv::Mat colors(COpenCVColorMap map);

} // namespace copencv
