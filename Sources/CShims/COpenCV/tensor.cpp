#include "area.hpp"
#include "picture.hpp"
#include "status.hpp"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace {

using namespace copencv;

constexpr int32_t largest_input_side = 1 << 14;
/// Beyond so many pixels the scaled picture is never made as a whole: only what the crop keeps.
constexpr int64_t largest_scaled_area = 1 << 26;

void check(const COpenCVPlacement &placement) {
    const auto is_side = [](int32_t side) { return side >= 1 && side <= largest_input_side; };
    require(is_side(placement.input_width) && is_side(placement.input_height), "input sides must be 1 ... 16384");
    require(placement.scaled_width >= 1 && placement.scaled_height >= 1, "scaled sides must be 1 or more");
}

cv::Rect visible_part(const COpenCVPlacement &placement) {
    const auto clipped = [](int64_t offset, int64_t scaled, int64_t input, int &start, int &length) {
        const int64_t first = std::max<int64_t>(offset, 0), last = std::min(offset + scaled, input);
        require(first < last, "the picture must lie inside the input at least in part");
        start = static_cast<int>(first);
        length = static_cast<int>(last - first);
    };
    cv::Rect part;
    clipped(placement.left, placement.scaled_width, placement.input_width, part.x, part.width);
    clipped(placement.top, placement.scaled_height, placement.input_height, part.y, part.height);
    return part;
}

int enlarging(COpenCVInterpolation interpolation) {
    return interpolation == COpenCVInterpolationCubic ? cv::INTER_CUBIC : cv::INTER_LINEAR;
}

/// Scaled to `size`, of that only `part`. Shrinks by averaging what falls into a pixel, then enlarges what is still too
/// small.
cv::Mat scaled(const cv::Mat &pixels, cv::Size size, cv::Rect part, COpenCVInterpolation interpolation) {
    cv::Mat result = pixels;
    if (interpolation != COpenCVInterpolationLinear) {
        const cv::Size shrunk(std::min(size.width, pixels.cols), std::min(size.height, pixels.rows));
        if (shrunk == size && size != pixels.size()) return shrunk_by_area(pixels, size, part);
        if (shrunk != pixels.size()) result = shrunk_by_area(pixels, shrunk, cv::Rect(cv::Point(0, 0), shrunk));
    }
    if (size != result.size()) cv::resize(result, result, size, 0, 0, enlarging(interpolation));
    return result(part);
}

/// What `part` of the input shows, sampled straight from the picture: for the long thin ones, whose scaled copy
/// would be gigabytes.
cv::Mat sampled(const cv::Mat &pixels, const COpenCVPlacement &placement, cv::Rect part,
                COpenCVInterpolation interpolation) {
    const double step_x = static_cast<double>(pixels.cols) / placement.scaled_width;
    const double step_y = static_cast<double>(pixels.rows) / placement.scaled_height;
    const double start_x = (static_cast<double>(part.x) - placement.left + 0.5) * step_x - 0.5;
    const double start_y = (static_cast<double>(part.y) - placement.top + 0.5) * step_y - 0.5;
    // Only the neighbourhood, because warpAffine addresses its source in 16 bits. A cubic needs two pixels around.
    constexpr int margin = 3;
    const cv::Rect near = cv::Rect(cv::Point(static_cast<int>(std::floor(start_x)) - margin,
                                             static_cast<int>(std::floor(start_y)) - margin),
                                   cv::Point(static_cast<int>(std::ceil(start_x + part.width * step_x)) + margin,
                                             static_cast<int>(std::ceil(start_y + part.height * step_y)) + margin)) &
                          cv::Rect(cv::Point(0, 0), pixels.size());
    const cv::Matx23d to_source(step_x, 0, start_x - near.x, 0, step_y, start_y - near.y);
    cv::Mat result;
    cv::warpAffine(pixels(near), result, to_source, part.size(), enlarging(interpolation) | cv::WARP_INVERSE_MAP,
                   cv::BORDER_REPLICATE);
    return result;
}

/// The network's input as 8 bit pixels: scaled, cropped, padded.
cv::Mat laid_out(const cv::Mat &pixels, const COpenCVPlacement &placement, COpenCVInterpolation interpolation) {
    const cv::Rect part = visible_part(placement);
    const int64_t area = static_cast<int64_t>(placement.scaled_width) * placement.scaled_height;
    cv::Mat visible;
    if (area > largest_scaled_area && area > static_cast<int64_t>(pixels.total())) {
        visible = sampled(pixels, placement, part, interpolation);
    } else {
        const cv::Rect seen(part.x - placement.left, part.y - placement.top, part.width, part.height);
        visible = scaled(pixels, {placement.scaled_width, placement.scaled_height}, seen, interpolation);
    }
    const cv::Size input(placement.input_width, placement.input_height);
    if (part.size() == input) return visible;
    cv::Mat padded(input, CV_8UC3, cv::Scalar::all(placement.padding));
    visible.copyTo(padded(part));
    return padded;
}

/// (value / 255 - mean) / std of all 256 values, in the same float32 steps as torchvision's.
std::array<float, 256> normalized_values(float mean, float std) {
    std::array<float, 256> values;
    for (size_t value = 0; value < values.size(); value++) {
        values[value] = (static_cast<float>(value) / 255.0f - mean) / std;
    }
    return values;
}

} // namespace

COpenCVStatus *copencv_picture_tensor(const COpenCVPicture *picture, COpenCVPlacement placement,
                                      COpenCVInterpolation interpolation, int32_t channels, const float *mean,
                                      const float *std, float *ret_values) {
    return guarded([&] {
        require(channels == 3 || channels == 1, "channels must be 3 or 1");
        for (int32_t i = 0; i < channels; i++) {
            require(std::isfinite(mean[i]) && std::isfinite(std[i]) && std[i] != 0,
                    "mean and std must be finite, std not 0");
        }
        check(placement);
        cv::Mat input = laid_out(picture->pixels, placement, interpolation);
        if (channels == 1) cv::cvtColor(input, input, cv::COLOR_BGR2GRAY);
        float *value = ret_values;
        for (int32_t channel = 0; channel < channels; channel++) {
            const auto normalized = normalized_values(mean[channel], std[channel]);
            for (int y = 0; y < input.rows; y++) {
                const uint8_t *pixel = input.ptr(y) + (channels - 1 - channel);
                for (int x = 0; x < input.cols; x++, pixel += channels) *value++ = normalized[*pixel];
            }
        }
    });
}
