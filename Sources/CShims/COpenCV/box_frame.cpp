#include "box_frame.hpp"

#include "contrast.hpp"
#include "pixel_edges.hpp"

#include <algorithm>
#include <cmath>

namespace copencv {

namespace {

constexpr double lines_per_picture = 200;
/// A single pixel between two outlines would show no colour.
constexpr int narrowest_line = 2, widest_line = 16;
/// The line of a small box is narrower, so that something is left to see inside.
constexpr int lines_per_box = 8;

/// The pixels from `start` to `end`, or the nearest to its middle where no centre lies between.
cv::Range covered(double start, double end, int length) {
    if (!(start < end) || end <= 0 || start >= length) return {0, 0};
    const cv::Range pixels(first_pixel(start, length), first_pixel(end, length));
    if (!pixels.empty()) return pixels;
    const double middle = (std::max(start, 0.0) + std::min(end, static_cast<double>(length))) / 2;
    const int nearest = std::min(static_cast<int>(middle), length - 1);
    return {nearest, nearest + 1};
}

int shorter(cv::Size size) { return std::min(size.width, size.height); }

cv::Rect grown(cv::Rect rectangle, int by) {
    return {rectangle.x - by, rectangle.y - by, rectangle.width + 2 * by, rectangle.height + 2 * by};
}

void fill(cv::Mat &pixels, cv::Rect rectangle, const cv::Scalar &color) {
    rectangle &= cv::Rect(cv::Point(0, 0), pixels.size());
    if (!rectangle.empty()) pixels(rectangle) = color;
}

/// The outermost `width` pixels of a rectangle.
void fill_ring(cv::Mat &pixels, cv::Rect ring, int width, const cv::Scalar &color) {
    if (shorter(ring.size()) <= 2 * width) return fill(pixels, ring, color);
    const int sides = ring.height - 2 * width;
    fill(pixels, {ring.x, ring.y, ring.width, width}, color);
    fill(pixels, {ring.x, ring.br().y - width, ring.width, width}, color);
    fill(pixels, {ring.x, ring.y + width, width, sides}, color);
    fill(pixels, {ring.br().x - width, ring.y + width, width, sides}, color);
}

} // namespace

BoxFrame::BoxFrame(const COpenCVBox &box, cv::Size picture) {
    const cv::Range columns = covered(box.left, box.right, picture.width);
    const cv::Range rows = covered(box.top, box.bottom, picture.height);
    if (columns.empty() || rows.empty()) return;
    rectangle = {columns.start, rows.start, columns.size(), rows.size()};
    const int wanted = std::clamp(static_cast<int>(std::lround(shorter(picture) / lines_per_picture)), narrowest_line,
                                  widest_line);
    line = std::clamp(shorter(rectangle.size()) / lines_per_box, 1, wanted);
    outline = std::max(1, static_cast<int>(std::lround(line / 4.0)));
}

void draw_frame(cv::Mat &pixels, const BoxFrame &frame, const cv::Scalar &color) {
    const cv::Scalar outline_color = contrasting(color);
    fill_ring(pixels, grown(frame.rectangle, frame.outline), frame.outline, outline_color);
    fill_ring(pixels, frame.rectangle, frame.line, color);
    const cv::Rect inside = grown(frame.rectangle, -frame.line);
    // Only where it leaves something of the inside.
    if (shorter(inside.size()) > 2 * frame.outline) fill_ring(pixels, inside, frame.outline, outline_color);
}

void draw_plate(cv::Mat &pixels, cv::Rect plate, int outline, const cv::Scalar &color) {
    fill(pixels, grown(plate, outline), contrasting(color));
    fill(pixels, plate, color);
}

} // namespace copencv
