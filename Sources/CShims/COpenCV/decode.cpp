#include "container.hpp"
#include "orientation.hpp"
#include "picture.hpp"
#include "status.hpp"

#include <opencv2/imgcodecs.hpp>

#include <limits>
#include <string>
#include <utility>

namespace {

using namespace copencv;

/// The first picture of the file as it is stored: BGR, 8 or 16 bit. Empty where the decoder gave up.
cv::Mat decode_stored(const uint8_t *bytes, size_t length) {
    // IMREAD_COLOR: grey and CMYK become BGR, alpha is dropped. IMREAD_ANYDEPTH: 16 bit stays, so that it is rounded
    // here and not cut to its upper byte.
    constexpr int flags = cv::IMREAD_COLOR | cv::IMREAD_ANYDEPTH | cv::IMREAD_IGNORE_ORIENTATION;
    const auto decode = [](const uint8_t *data, size_t count) {
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
    case Container::jpeg:
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

} // namespace

COpenCVStatus *copencv_picture_decode(const uint8_t *bytes, size_t length, size_t width, size_t height,
                                      int32_t orientation, COpenCVPicture **ret_picture) {
    return guarded([&] {
        require(length > 0 && length <= std::numeric_limits<int>::max(), "length must be 1 ... 2^31 - 1");
        require(orientation >= 1 && orientation <= 8, "orientation must be 1 ... 8");
        cv::Mat stored = decode_stored(bytes, length);
        if (stored.empty()) give_up(width, height);
        if (static_cast<size_t>(stored.cols) != width || static_cast<size_t>(stored.rows) != height) {
            throw Undecodable("The decoder found a size of " + std::to_string(stored.cols) + " x " +
                              std::to_string(stored.rows) + " pixels where the header says " +
                              std::to_string(width) + " x " + std::to_string(height) + ".");
        }
        *ret_picture = new COpenCVPicture{upright(eight_bit(std::move(stored)), orientation)};
    });
}
