#pragma once

#include "copencv.h"

#include <opencv2/core.hpp>

/// Continuous, 8 bit, three channels in the order BGR, upright.
struct COpenCVPicture {
    cv::Mat pixels;
};
