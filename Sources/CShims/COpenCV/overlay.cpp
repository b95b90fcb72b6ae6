#include "color_map.hpp"
#include "heat_rows.hpp"
#include "picture.hpp"
#include "status.hpp"
#include "vectorized.hpp"

#include <opencv2/core/utility.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace {

using namespace copencv;

/// So many pixels are painted at once: what they need on the way stays in the nearest cache, and where none of them has
/// heat they are passed over.
constexpr int block = 64;

/// Blue, green, red and nothing of each colour.
using Palette = std::array<std::array<uint8_t, 4>, 256>;

Palette palette_of(COpenCVColorMap map) {
    const cv::Mat from = colors(map);
    Palette palette{};
    for (int number = 0; number < from.cols; number++) {
        const auto &color = from.at<cv::Vec3b>(0, number);
        for (int channel = 0; channel < 3; channel++) palette[static_cast<size_t>(number)][channel] = color[channel];
    }
    return palette;
}

/// The colours of a block, a byte for each of the picture's. A fourth byte each, which the next pixel overwrites: one
/// store instead of three.
using Colors = std::array<uint8_t, 3 * block + 1>;

/// The colour of a heat is number floor(255 x heat), as numpy's `uint8(255 * heat)` cuts: only the maximum itself gets
/// the hottest one.
inline void look_up(Colors &colors, const float *heat, int count, const Palette &palette) {
    std::array<int, block> numbers;
    for (int x = 0; x < count; x++) numbers[x] = static_cast<int>(heat[x] * 255.0f);
    for (int x = 0; x < count; x++) std::memcpy(&colors[3 * x], &palette[numbers[x]], sizeof palette[0]);
}

COPENCV_VECTORIZED
bool has_heat(const float *heat, int count) {
    uint32_t bits = 0;
    for (int x = 0; x < count; x++) {
        uint32_t of;
        std::memcpy(&of, heat + x, sizeof of);
        bits |= of;
    }
    return bits != 0;
}

/// Heat as alpha, spread over the three bytes of each pixel: what follows is then the same for every byte, and the
/// compiler takes many at once.
COPENCV_VECTORIZED
void blend(uint8_t *__restrict bytes, const float *__restrict heat, int count, const Palette &palette, float opacity) {
    Colors colors;
    look_up(colors, heat, count, palette);
    std::array<float, 3 * block> alpha;
    for (int x = 0; x < count; x++) alpha[3 * x] = alpha[3 * x + 1] = alpha[3 * x + 2] = opacity * heat[x];
    for (int i = 0; i < 3 * count; i++) {
        const float from = bytes[i], color = colors[i];
        bytes[i] = static_cast<uint8_t>(static_cast<int>(from + alpha[i] * (color - from) + 0.5f));
    }
}

void add(uint8_t *bytes, const float *heat, int count, const Palette &palette, float opacity) {
    Colors colors;
    look_up(colors, heat, count, palette);
    for (int i = 0; i < 3 * count; i++) {
        // In double, as numpy adds; rounded to nearest even, as cv2.imwrite does with floating point.
        bytes[i] = cv::saturate_cast<uint8_t>(static_cast<double>(opacity) * colors[i] + bytes[i]);
    }
}

/// Without heat, blending leaves a pixel as it is.
void blend_row(uint8_t *bytes, const HeatRows::Row &row, const Palette &palette, float opacity) {
    for (int x = row.warm.start; x < row.warm.end; x += block) {
        const int count = std::min(block, row.warm.end - x);
        if (has_heat(row.heat + x, count)) blend(bytes + 3 * x, row.heat + x, count, palette, opacity);
    }
}

void add_row(uint8_t *bytes, const HeatRows::Row &row, const Palette &palette, float opacity) {
    for (int x = 0; x < row.length; x += block) {
        add(bytes + 3 * x, row.heat + x, std::min(block, row.length - x), palette, opacity);
    }
}

} // namespace

COpenCVStatus *copencv_picture_draw_heat(COpenCVPicture *picture, COpenCVHeat heat, COpenCVOverlayStyle style,
                                         COpenCVColorMap color_map, float opacity) {
    return guarded([&] {
        require(opacity >= 0 && opacity <= 1, "opacity must be 0 ... 1");
        const Palette palette = palette_of(color_map);
        const HeatRows rows(heat, picture->pixels.size());
        cv::Mat part = picture->pixels(rows.rectangle());
        const auto lay_over = style == COpenCVOverlayStyleParity ? add_row : blend_row;
        cv::parallel_for_(cv::Range(0, part.rows), [&](const cv::Range &range) {
            HeatRows::Cursor cursor(rows);
            for (int y = range.start; y < range.end; y++) lay_over(part.ptr(y), cursor.row(y), palette, opacity);
        });
    });
}
