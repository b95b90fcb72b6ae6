#include "box_label.hpp"

#include "contrast.hpp"
#include "text.hpp"

#include <algorithm>

namespace copencv {

namespace {

constexpr int labels_per_picture = 30;
/// Smaller ones would be all label.
constexpr int smallest_side = 64;

} // namespace

LabelPlacing::LabelPlacing(cv::Size picture)
    : picture(picture),
      height(std::max(smallest_line_height, std::min(picture.width, picture.height) / labels_per_picture)),
      margin(height / 4) {}

BoxLabel LabelPlacing::place(const char *label, const BoxFrame &frame) {
    if (frame.rectangle.empty() || std::min(picture.width, picture.height) < smallest_side) return {};
    const std::string text = fitting(printable(label).substr(0, longest_text), picture.width - 2 * margin, height);
    if (text.empty()) return {};
    const cv::Size plate(text_width(text, height) + 2 * margin, height);
    taken.emplace_back(corner(plate, frame), plate);
    return {text, taken.back()};
}

cv::Point LabelPlacing::corner(cv::Size plate, const BoxFrame &frame) const {
    const cv::Rect &box = frame.rectangle;
    const int x = std::max(0, std::min(box.x, picture.width - plate.width));
    const int above = box.y - frame.outline - height, inside = box.y, below = box.br().y + frame.outline;
    const auto is_free = [&](int y) {
        const cv::Rect wanted(cv::Point(x, y), plate);
        return y >= 0 && y + height <= picture.height &&
               std::none_of(taken.begin(), taken.end(),
                            [&](const cv::Rect &other) { return !(wanted & other).empty(); });
    };
    if (is_free(above)) return {x, above};
    // A low box would vanish behind its own label.
    if (box.height >= 2 * height && is_free(inside)) return {x, inside};
    if (is_free(below)) return {x, below};
    return {x, above >= 0 ? above : std::min(inside, picture.height - height)};
}

void LabelPlacing::draw(cv::Mat &pixels, const BoxLabel &label, const BoxFrame &frame, const cv::Scalar &color) const {
    if (label.text.empty()) return;
    draw_plate(pixels, label.plate, frame.outline, color);
    draw_text(pixels, label.text, label.plate.tl() + cv::Point(margin, 0), height, contrasting(color));
}

} // namespace copencv
