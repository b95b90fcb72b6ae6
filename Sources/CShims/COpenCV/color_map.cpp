#include "color_map.hpp"

#include "status.hpp"

#include <opencv2/imgproc.hpp>

namespace copencv {

namespace {

int opencv_name(COpenCVColorMap map) {
    switch (map) {
    case COpenCVColorMapJet: return cv::COLORMAP_JET;
    case COpenCVColorMapViridis: return cv::COLORMAP_VIRIDIS;
    case COpenCVColorMapTurbo: return cv::COLORMAP_TURBO;
    case COpenCVColorMapInferno: return cv::COLORMAP_INFERNO;
    }
    throw InvalidArgument("color_map is none of the known ones");
}

} // namespace

cv::Mat colors(COpenCVColorMap map) {
    cv::Mat values(1, 256, CV_8U), colored;
    for (int i = 0; i < values.cols; i++) values.at<uint8_t>(0, i) = static_cast<uint8_t>(i);
    cv::applyColorMap(values, colored, opencv_name(map));
    return colored;
}

} // namespace copencv
