#pragma once

#include "copencv.h"

#include <opencv2/core.hpp>

namespace copencv {

/// Where the line of a box lies: along the inner side of `rectangle`, with an outline on both of its own sides.
struct BoxFrame {
    /// The pixels of the box; empty where the picture shows nothing of it.
    cv::Rect rectangle;
    int line = 0, outline = 0;

    BoxFrame(const COpenCVBox &box, cv::Size picture);
};

void draw_frame(cv::Mat &pixels, const BoxFrame &frame, const cv::Scalar &color);

/// Fills a rectangle and surrounds it by an outline, as far as they lie in the picture.
void draw_plate(cv::Mat &pixels, cv::Rect plate, int outline, const cv::Scalar &color);

} // namespace copencv
