#include "orientation.hpp"

namespace copencv {

cv::Mat upright(cv::Mat stored, int orientation) {
    constexpr int about_x_axis = 0, about_y_axis = 1;
    cv::Mat turned;
    switch (orientation) {
    case 2: cv::flip(stored, turned, about_y_axis); return turned;
    case 3: cv::rotate(stored, turned, cv::ROTATE_180); return turned;
    case 4: cv::flip(stored, turned, about_x_axis); return turned;
    case 5: cv::transpose(stored, turned); return turned;
    case 6: cv::rotate(stored, turned, cv::ROTATE_90_CLOCKWISE); return turned;
    case 7:
        cv::transpose(stored, turned);
        cv::rotate(turned, turned, cv::ROTATE_180);
        return turned;
    case 8: cv::rotate(stored, turned, cv::ROTATE_90_COUNTERCLOCKWISE); return turned;
    default: return stored;
    }
}

} // namespace copencv
