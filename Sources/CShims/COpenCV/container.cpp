#include "container.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace copencv {

namespace {

constexpr size_t directory_entry_length = 12;

/// Reads and writes numbers of a TIFF file in its own byte order. Callers check the bounds.
class TIFFNumbers {
public:
    explicit TIFFNumbers(std::vector<uint8_t> &bytes) : bytes(bytes), little_endian(bytes[0] == 'I') {}

    uint32_t read(size_t offset, size_t width) const {
        uint32_t value = 0;
        for (size_t i = 0; i < width; i++) value = value << 8 | bytes[offset + (little_endian ? width - 1 - i : i)];
        return value;
    }

    void write_short(size_t offset, uint8_t value) {
        bytes[offset + (little_endian ? 0 : 1)] = value;
        bytes[offset + (little_endian ? 1 : 0)] = 0;
    }

private:
    std::vector<uint8_t> &bytes;
    bool little_endian;
};

} // namespace

Container container_of(const uint8_t *bytes, size_t length) {
    const std::string_view text(reinterpret_cast<const char *>(bytes), length);
    const auto starts = [&](std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; };
    if (starts("\xFF\xD8\xFF")) return Container::jpeg;
    if (starts("\x89PNG\r\n\x1A\n")) return Container::png;
    if (starts("RIFF") && length >= 12 && text.substr(8, 4) == "WEBP") {
        // OpenCV's DICOM decoder would take a file whose WebP part is damaged and that says DICM here.
        return length >= 132 && text.substr(128, 4) == "DICM" ? Container::other : Container::webp;
    }
    using namespace std::string_view_literals;
    if (starts("II*\0"sv) || starts("MM\0*"sv)) return Container::tiff;
    if (starts("BM")) return Container::bmp;
    return Container::other;
}

std::vector<uint8_t> plain_tiff(const uint8_t *bytes, size_t length) {
    constexpr uint32_t orientation = 274, extra_samples = 338, short_integer = 3;
    std::vector<uint8_t> copy(bytes, bytes + length);
    if (length < 8) return copy;
    TIFFNumbers numbers(copy);
    const size_t directory = numbers.read(4, 4);
    if (directory > length || length - directory < 2) return copy;
    const size_t count = std::min<size_t>(numbers.read(directory, 2),
                                          (length - directory - 2) / directory_entry_length);
    for (size_t i = 0; i < count; i++) {
        const size_t entry = directory + 2 + i * directory_entry_length;
        const uint32_t tag = numbers.read(entry, 2);
        if (numbers.read(entry + 2, 2) != short_integer || numbers.read(entry + 4, 4) != 1) continue;
        if (tag == orientation) numbers.write_short(entry + 8, 1);
        // "Associated" alpha: libtiff then takes the colours for premultiplied, and leaves them alone.
        if (tag == extra_samples) numbers.write_short(entry + 8, 1);
    }
    return copy;
}

} // namespace copencv
