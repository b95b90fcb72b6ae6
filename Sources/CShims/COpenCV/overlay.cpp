#include "color_map.hpp"
#include "heat_rows.hpp"
#include "picture.hpp"
#include "status.hpp"

#include <opencv2/core/utility.hpp>

#include <array>
#include <cstring>
#include <vector>

namespace {

using namespace copencv;

/// A row of colours and weights, spread over the three bytes of each pixel: what follows is then the same for every
/// byte, and the compiler takes many at once.
class SpreadRow {
public:
    SpreadRow(int count, const cv::Mat &colors) : color(size(count)), weight(size(count)) {
        for (int number = 0; number < colors.cols; number++) {
            const auto &from = colors.at<cv::Vec3b>(0, number);
            for (int channel = 0; channel < 3; channel++) palette[static_cast<size_t>(number)][channel] = from[channel];
        }
    }

    /// - heat: 0...1, `count` values. Its colour is number floor(255 x heat), as numpy's `uint8(255 * heat)` cuts: only
    ///   the maximum itself gets the hottest one. Its weight is opacity x heat.
    void spread(const float *heat, int count, float opacity) {
        float *to_color = color.data(), *to_weight = weight.data();
        for (int x = 0; x < count; x++, to_color += 3, to_weight += 3) {
            const auto &of = palette[static_cast<size_t>(heat[x] * 255.0f)];
            const float alpha = opacity * heat[x];
            // A fourth value each, which the next pixel overwrites: one store instead of three.
            const std::array<float, 4> alphas{alpha, alpha, alpha, alpha};
            std::memcpy(to_color, of.data(), sizeof of);
            std::memcpy(to_weight, alphas.data(), sizeof alphas);
        }
    }

    const float *colors() const { return color.data(); }
    const float *weights() const { return weight.data(); }

private:
    static size_t size(int count) { return 3 * static_cast<size_t>(count) + 1; }

    std::array<std::array<float, 4>, 256> palette{};
    std::vector<float> color, weight;
};

void blend_row(uint8_t *bytes, const SpreadRow &row, int count, float) {
    const float *color = row.colors(), *alpha = row.weights();
    for (int i = 0; i < 3 * count; i++) {
        const float from = bytes[i];
        bytes[i] = static_cast<uint8_t>(static_cast<int>(from + alpha[i] * (color[i] - from) + 0.5f));
    }
}

void add_row(uint8_t *bytes, const SpreadRow &row, int count, float opacity) {
    const float *color = row.colors();
    for (int i = 0; i < 3 * count; i++) {
        // In double, as numpy adds; rounded to nearest even, as cv2.imwrite does with floating point.
        bytes[i] = cv::saturate_cast<uint8_t>(static_cast<double>(opacity) * color[i] + bytes[i]);
    }
}

} // namespace

COpenCVStatus *copencv_picture_overlay(const COpenCVPicture *picture, COpenCVHeat heat, COpenCVOverlayStyle style,
                                       COpenCVColorMap color_map, float opacity, COpenCVPicture **ret_overlay) {
    return guarded([&] {
        require(opacity >= 0 && opacity <= 1, "opacity must be 0 ... 1");
        const cv::Mat palette = colors(color_map);
        const HeatRows rows(heat, picture->pixels.size());
        cv::Mat result = picture->pixels.clone();
        cv::Mat part = result(rows.rectangle());
        const auto lay_over = style == COpenCVOverlayStyleParity ? add_row : blend_row;
        cv::parallel_for_(cv::Range(0, part.rows), [&](const cv::Range &range) {
            HeatRows::Cursor cursor(rows);
            SpreadRow row(part.cols, palette);
            for (int y = range.start; y < range.end; y++) {
                row.spread(cursor.row(y), part.cols, opacity);
                lay_over(part.ptr(y), row, part.cols, opacity);
            }
        });
        *ret_overlay = new COpenCVPicture{std::move(result)};
    });
}
