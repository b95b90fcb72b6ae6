#pragma once

#include <opencv2/core.hpp>

namespace copencv {

/// Turns stored pixels upright.
/// - orientation: EXIF tag 274, 1...8 (CIPA DC-008, "Orientation"): where row 0 and column 0 of the stored pixels
///   lie in the scene.
cv::Mat upright(cv::Mat stored, int orientation);

} // namespace copencv
