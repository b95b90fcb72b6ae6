#pragma once

#include <opencv2/core.hpp>

#include <string>

namespace copencv {

/// Light text on a dark ground: readable over every picture.
inline const cv::Scalar text_color(245, 245, 245);
inline const cv::Scalar ground_color(24, 24, 24);

/// The height of a line with its margins that suits a picture, in pixels: a twentieth of the shorter side, but
/// never so small that letters run together.
int line_height(cv::Size picture);
/// Below this, letters cannot be told apart.
constexpr int smallest_line_height = 15;

/// Width of `text` in a line of that height, without margins.
int text_width(const std::string &text, int line_height);
/// Draws one line whose box starts at `corner`; what lies outside the picture is cut.
void draw_text(cv::Mat &pixels, const std::string &text, cv::Point corner, int line_height,
               const cv::Scalar &color = text_color);

/// No line needs more characters, and the width of longer ones could overflow.
constexpr size_t longest_text = 1000;
/// Bytes that the font has not become '?', one for each character of UTF-8.
std::string printable(const char *text);
/// As much of `text` as fits into `width`, with "..." where something is missing. Empty where not even that fits.
std::string fitting(const std::string &text, int width, int line_height);

} // namespace copencv
