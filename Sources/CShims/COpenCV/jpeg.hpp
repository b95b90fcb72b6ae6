#pragma once

#include <opencv2/core.hpp>

#include <cstdint>
#include <vector>

namespace copencv {

/// JPEG by libjpeg-turbo itself, from and to BGR: OpenCV has it make RGB and turns every pixel around once more, which
/// takes as long as all the rest of decoding.

/// The picture as it is stored, not turned upright: BGR, 8 bit. Empty where the decoder gave up, and of CMYK files.
/// - width, height: as the header says. Another size is found out before memory is spent: Undecodable.
/// - denominator: 1, 2, 4 or 8; sides shrink by that, rounded up.
cv::Mat decode_jpeg(const uint8_t *bytes, size_t length, size_t width, size_t height, size_t denominator);

/// A side of a picture that is decoded at a fraction.
inline size_t reduced(size_t side, size_t denominator) { return (side + denominator - 1) / denominator; }

/// Baseline, 4:2:0. Empty where the encoder gave up.
/// - quality: 1...100.
std::vector<uint8_t> encode_jpeg(const cv::Mat &pixels, int quality);

} // namespace copencv
