#include "text.hpp"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace copencv {

namespace {

constexpr int font = cv::FONT_HERSHEY_SIMPLEX;
/// Of the font at scale 1: from the base line to the top of a capital, in pixels.
constexpr double capital_height = 21;
/// Share of the line that a capital takes; the rest is for descenders and margins.
constexpr double capital_share = 0.56;

double font_scale(int line_height) { return line_height * capital_share / capital_height; }

int stroke(int line_height) { return std::max(1, static_cast<int>(std::lround(line_height / 22.0))); }

} // namespace

int line_height(cv::Size picture) {
    return std::max(smallest_line_height, std::min(picture.width, picture.height) / 20);
}

int text_width(const std::string &text, int line_height) {
    return cv::getTextSize(text, font, font_scale(line_height), stroke(line_height), nullptr).width;
}

void draw_text(cv::Mat &pixels, const std::string &text, cv::Point corner, int line_height, const cv::Scalar &color) {
    // The base line is 3/4 down: what is left below it holds the descenders.
    const cv::Point base(corner.x, corner.y + static_cast<int>(std::lround(line_height * 0.75)));
    cv::putText(pixels, text, base, font, font_scale(line_height), color, stroke(line_height), cv::LINE_AA);
}

std::string printable(const char *text) {
    std::string result;
    for (const char *byte = text; *byte != 0; byte++) {
        const auto value = static_cast<unsigned char>(*byte);
        const bool continues_character = (value & 0xC0) == 0x80;
        if (value >= 0x20 && value < 0x7F) {
            result += *byte;
        } else if (!continues_character) {
            result += '?';
        }
    }
    return result;
}

std::string fitting(const std::string &text, int width, int line_height) {
    if (text_width(text, line_height) <= width) return text;
    // The longest beginning that fits, by bisection: text may be long.
    size_t fits = 0, too_long = text.size();
    while (too_long - fits > 1) {
        const size_t middle = fits + (too_long - fits) / 2;
        (text_width(text.substr(0, middle) + "...", line_height) <= width ? fits : too_long) = middle;
    }
    return fits == 0 ? "" : text.substr(0, fits) + "...";
}

} // namespace copencv
