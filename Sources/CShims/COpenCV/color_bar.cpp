#include "color_map.hpp"
#include "picture.hpp"
#include "status.hpp"
#include "text.hpp"

#include <opencv2/imgproc.hpp>

namespace {

using namespace copencv;

constexpr const char *cold_label = "0";
constexpr const char *hot_label = "max";

} // namespace

COpenCVStatus *copencv_picture_draw_color_bar(COpenCVPicture *picture, COpenCVColorMap color_map) {
    return guarded([&] {
        cv::Mat &pixels = picture->pixels;
        const int line = line_height(pixels.size());
        const int margin = line / 3;
        const cv::Size panel(text_width(hot_label, line) + 2 * margin, pixels.rows / 2);
        // Too small for two labels and some colours between, or for the panel to leave room for the picture.
        if (panel.height < 4 * line || panel.width > pixels.cols / 3) return;
        const cv::Point corner(pixels.cols - panel.width, (pixels.rows - panel.height) / 2);
        pixels(cv::Rect(corner, panel)) = ground_color;
        draw_text(pixels, hot_label, corner + cv::Point(margin, 0), line);
        const int cold_width = text_width(cold_label, line);
        draw_text(pixels, cold_label, corner + cv::Point((panel.width - cold_width) / 2, panel.height - line), line);

        // Hot above, as on a thermometer.
        cv::Mat upwards;
        cv::rotate(colors(color_map), upwards, cv::ROTATE_90_COUNTERCLOCKWISE);
        const cv::Rect bar(corner.x + panel.width / 3, corner.y + line, panel.width / 3, panel.height - 2 * line);
        cv::resize(upwards, pixels(bar), bar.size(), 0, 0, cv::INTER_LINEAR);
    });
}
