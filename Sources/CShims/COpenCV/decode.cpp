#include "container.hpp"
#include "jpeg.hpp"
#include "orientation.hpp"
#include "picture.hpp"
#include "status.hpp"

#include <opencv2/imgcodecs.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace {

using namespace copencv;

/// What of a JPEG's size is decoded: 1, 2, 4 or 8 stand for all, a half, a quarter, an eighth.
int reduced_flag(size_t denominator) {
    switch (denominator) {
    case 2: return cv::IMREAD_REDUCED_COLOR_2;
    case 4: return cv::IMREAD_REDUCED_COLOR_4;
    case 8: return cv::IMREAD_REDUCED_COLOR_8;
    default: return cv::IMREAD_COLOR;
    }
}

/// The first picture of the file as it is stored: BGR, 8 or 16 bit. Empty where the decoder gave up.
cv::Mat decode_stored(const uint8_t *bytes, size_t length, size_t width, size_t height, size_t denominator) {
    // IMREAD_COLOR: grey and CMYK become BGR, alpha is dropped. IMREAD_ANYDEPTH: 16 bit stays, so that it is rounded
    // here and not cut to its upper byte.
    const int flags = reduced_flag(denominator) | cv::IMREAD_ANYDEPTH | cv::IMREAD_IGNORE_ORIENTATION;
    const auto decode = [flags](const uint8_t *data, size_t count) {
        const cv::Mat row(1, static_cast<int>(count), CV_8U, const_cast<uint8_t *>(data));
        try {
            return cv::imdecode(row, flags);
        } catch (const cv::Exception &error) {
            if (error.code == cv::Error::StsNoMem) throw;
            throw Undecodable("The decoder gave up: " + error.err);
        }
    };
    switch (container_of(bytes, length)) {
    case Container::tiff: {
        const auto plain = plain_tiff(bytes, length);
        return decode(plain.data(), plain.size());
    }
    case Container::jpeg: {
        cv::Mat pixels = decode_jpeg(bytes, length, width, height, denominator);
        return pixels.empty() ? decode(bytes, length) : pixels;
    }
    case Container::png:
    case Container::webp:
    case Container::bmp: return decode(bytes, length);
    case Container::other: break;
    }
    throw InvalidArgument("The bytes are not JPEG, PNG, WebP, TIFF or BMP.");
}

/// The libraries behind OpenCV report the same for damage and for memory that ran out inside them. 16 bit samples, or
/// the coefficients of a progressive JPEG, and the result take 9 bytes a pixel: where those are not to be had, the file
/// is not to blame.
[[noreturn]] void give_up(size_t width, size_t height) {
    constexpr size_t most_pixels = size_t{1} << 30; // of OpenCV
    if (height > 0 && width <= most_pixels / height) cv::fastFree(cv::fastMalloc(9 * width * height));
    throw Undecodable("The decoder gave up: the pixel data is damaged or of a rare kind.");
}

/// 16 bit to 8 bit: 65535 = 255 x 257, so v / 257 rounded is the nearest.
cv::Mat eight_bit(cv::Mat pixels) {
    if (pixels.depth() == CV_8U) return pixels;
    if (pixels.depth() != CV_16U) throw Undecodable("The samples are neither 8 nor 16 bit integers.");
    cv::Mat converted;
    pixels.convertTo(converted, CV_8U, 1.0 / 257.0);
    return converted;
}

/// - denominator: 1, 2, 4 or 8; above 1 for JPEG only.
cv::Mat decode_upright(const uint8_t *bytes, size_t length, size_t width, size_t height, int32_t orientation,
                       size_t denominator) {
    require(length > 0 && length <= std::numeric_limits<int>::max(), "length must be 1 ... 2^31 - 1");
    require(orientation >= 1 && orientation <= 8, "orientation must be 1 ... 8");
    cv::Mat stored = decode_stored(bytes, length, width, height, denominator);
    if (stored.empty()) give_up(width, height);
    check_size(static_cast<size_t>(stored.cols), static_cast<size_t>(stored.rows), reduced(width, denominator),
               reduced(height, denominator));
    return upright(eight_bit(std::move(stored)), orientation);
}

} // namespace

COpenCVStatus *copencv_picture_decode(const uint8_t *bytes, size_t length, size_t width, size_t height,
                                      int32_t orientation, COpenCVPicture **ret_picture) {
    return guarded([&] {
        *ret_picture = new COpenCVPicture{decode_upright(bytes, length, width, height, orientation, 1)};
    });
}

COpenCVStatus *copencv_picture_decode_reduced(const uint8_t *bytes, size_t length, size_t width, size_t height,
                                              int32_t orientation, size_t side, COpenCVPicture **ret_picture) {
    return guarded([&] {
        require(side >= 1, "side must be 1 or more");
        require(length > 0, "length must be 1 ... 2^31 - 1");
        size_t denominator = container_of(bytes, length) == Container::jpeg ? 8 : 1;
        while (denominator > 1 && std::max(width, height) / denominator < side) denominator /= 2;
        *ret_picture = new COpenCVPicture{decode_upright(bytes, length, width, height, orientation, denominator)};
    });
}
