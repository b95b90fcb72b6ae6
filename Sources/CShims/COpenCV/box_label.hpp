#pragma once

#include "box_frame.hpp"

#include <opencv2/core.hpp>

#include <string>
#include <vector>

namespace copencv {

/// A line of text on a plate beside its box.
struct BoxLabel {
    /// Empty where there is nothing to say.
    std::string text;
    cv::Rect plate;
};

/// Finds a place for one label after another.
class LabelPlacing {
public:
    explicit LabelPlacing(cv::Size picture);

    BoxLabel place(const char *label, const BoxFrame &frame);
    void draw(cv::Mat &pixels, const BoxLabel &label, const BoxFrame &frame, const cv::Scalar &color) const;

private:
    cv::Point corner(cv::Size plate, const BoxFrame &frame) const;

    cv::Size picture;
    int height, margin;
    std::vector<cv::Rect> taken;
};

} // namespace copencv
