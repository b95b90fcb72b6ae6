#include "heat_rows.hpp"
#include "palette.hpp"
#include "picture.hpp"
#include "status.hpp"
#include "vectorized.hpp"

#include <opencv2/core/utility.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace {

using namespace copencv;

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
void blend(uint8_t *__restrict bytes, const float *__restrict heat, const Colors &colors, int count, float opacity) {
    std::array<float, 3 * block> alpha;
    for (int x = 0; x < count; x++) alpha[3 * x] = alpha[3 * x + 1] = alpha[3 * x + 2] = opacity * heat[x];
    for (int i = 0; i < 3 * count; i++) {
        const int from = bytes[i];
        const float step = static_cast<float>(colors[i] - from);
        bytes[i] = static_cast<uint8_t>(static_cast<int>(static_cast<float>(from) + alpha[i] * step + 0.5f));
    }
}

/// In double, as numpy adds; rounded to nearest even and cut to 255, as cv2.imwrite does with floating point.
COPENCV_VECTORIZED
void add(uint8_t *__restrict bytes, const Colors &colors, int count, double opacity) {
    // A double beyond it has no place for a fraction: adding it rounds.
    constexpr double without_fraction = 0x1p52;
    for (int i = 0; i < 3 * count; i++) {
        const double sum = opacity * static_cast<double>(colors[i]) + static_cast<double>(bytes[i]);
        const int rounded = static_cast<int>((sum + without_fraction) - without_fraction);
        bytes[i] = static_cast<uint8_t>(std::min(rounded, 255));
    }
}

/// Without heat, blending leaves a pixel as it is.
void blend_row(uint8_t *bytes, const HeatRows::Row &row, const Palette &palette, float opacity) {
    for (int x = row.warm.start; x < row.warm.end; x += block) {
        const int count = std::min(block, row.warm.end - x);
        if (!has_heat(row.heat + x, count)) continue;
        Colors colors;
        palette.look_up(colors, row.heat + x, count);
        blend(bytes + 3 * x, row.heat + x, colors, count, opacity);
    }
}

void add_row(uint8_t *bytes, const HeatRows::Row &row, const Palette &palette, float opacity) {
    for (int x = 0; x < row.length; x += block) {
        const int count = std::min(block, row.length - x);
        Colors colors;
        palette.look_up(colors, row.heat + x, count);
        add(bytes + 3 * x, colors, count, opacity);
    }
}

} // namespace

COpenCVStatus *copencv_picture_draw_heat(COpenCVPicture *picture, COpenCVHeat heat, COpenCVOverlayStyle style,
                                         COpenCVColorMap color_map, float opacity) {
    return guarded([&] {
        require(opacity >= 0 && opacity <= 1, "opacity must be 0 ... 1");
        const Palette palette(color_map);
        const HeatRows rows(heat, picture->pixels.size());
        cv::Mat part = picture->pixels(rows.rectangle());
        const auto lay_over = style == COpenCVOverlayStyleParity ? add_row : blend_row;
        cv::parallel_for_(cv::Range(0, part.rows), [&](const cv::Range &range) {
            HeatRows::Cursor cursor(rows);
            for (int y = range.start; y < range.end; y++) lay_over(part.ptr(y), cursor.row(y), palette, opacity);
        });
    });
}
