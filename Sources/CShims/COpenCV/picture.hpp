#pragma once

#include "copencv.h"

#include <opencv2/core.hpp>

/// Continuous, 8 bit, three channels in the order BGR, upright.
struct COpenCVPicture {
    cv::Mat pixels;
};

namespace copencv {

/// Throws Undecodable where a decoder finds another size than the header promised.
void check_size(size_t found_width, size_t found_height, size_t width, size_t height);

} // namespace copencv
