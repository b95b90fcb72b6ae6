#include "picture.hpp"
#include "status.hpp"
#include "text.hpp"

#include <opencv2/imgproc.hpp>

namespace {

using namespace copencv;

/// The caption takes at most an eighth of the picture: smaller ones stay without.
constexpr int smallest_heights_per_line = 8;

/// The height at which `text` fits into `width`, if one does that can still be read.
int fitting_height(const std::string &text, int width, int height) {
    const int needed = text_width(text, height);
    if (needed <= width) return height;
    const auto shrunk = static_cast<int>(static_cast<int64_t>(height) * width / needed);
    return std::max(shrunk, std::max(smallest_line_height, height / 2));
}

} // namespace

COpenCVStatus *copencv_picture_draw_caption(COpenCVPicture *picture, const char *text) {
    return guarded([&] {
        cv::Mat &pixels = picture->pixels;
        if (pixels.rows < smallest_heights_per_line * smallest_line_height) return;
        const std::string wanted = printable(text).substr(0, longest_text);
        const int margin = line_height(pixels.size()) / 3;
        const int width = pixels.cols - 2 * margin;
        const int height = fitting_height(wanted, width, line_height(pixels.size()));
        const std::string caption = fitting(wanted, width, height);
        if (caption.empty()) return;
        const cv::Point corner(0, pixels.rows - height);
        pixels(cv::Rect(corner, cv::Size(pixels.cols, height))) = ground_color;
        draw_text(pixels, caption, {margin, corner.y}, height);
    });
}
