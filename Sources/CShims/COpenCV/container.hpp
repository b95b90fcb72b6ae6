#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace copencv {

enum class Container { jpeg, png, webp, tiff, bmp, other };

/// Recognises by leading bytes, as OpenCV's decoders do.
Container container_of(const uint8_t *bytes, size_t length);

/// A copy of a TIFF file whose first directory says "upright, no transparency". libtiff turns and premultiplies
/// pixels by these tags, whatever OpenCV is asked for.
std::vector<uint8_t> plain_tiff(const uint8_t *bytes, size_t length);

} // namespace copencv
