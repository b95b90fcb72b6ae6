#include "color_map.hpp"
#include "heat_rows.hpp"
#include "picture.hpp"
#include "status.hpp"

#include <opencv2/core/utility.hpp>

namespace {

using namespace copencv;

/// As numpy's `uint8(255 * heat)`, which cuts: only the maximum itself gets the hottest colour.
const cv::Vec3b &color_of(float heat, const cv::Mat &colors) {
    return colors.at<cv::Vec3b>(0, std::min(static_cast<int>(heat * 255.0f), 255));
}

void blend_row(cv::Vec3b *pixels, const float *heat, int count, const cv::Mat &colors, float opacity) {
    for (int x = 0; x < count; x++) {
        const float alpha = opacity * heat[x];
        const cv::Vec3b &color = color_of(heat[x], colors);
        for (int channel = 0; channel < 3; channel++) {
            const float from = pixels[x][channel];
            pixels[x][channel] = static_cast<uint8_t>(from + alpha * (color[channel] - from) + 0.5f);
        }
    }
}

void add_row(cv::Vec3b *pixels, const float *heat, int count, const cv::Mat &colors, float opacity) {
    for (int x = 0; x < count; x++) {
        const cv::Vec3b &color = color_of(heat[x], colors);
        for (int channel = 0; channel < 3; channel++) {
            // In double, as numpy adds; the cast rounds to nearest, as cv2.imwrite does with floating point.
            pixels[x][channel] = cv::saturate_cast<uint8_t>(static_cast<double>(opacity) * color[channel] +
                                                            pixels[x][channel]);
        }
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
            for (int y = range.start; y < range.end; y++) {
                lay_over(part.ptr<cv::Vec3b>(y), cursor.row(y), part.cols, palette, opacity);
            }
        });
        *ret_overlay = new COpenCVPicture{std::move(result)};
    });
}
