#include "palette.hpp"

#include "color_map.hpp"
#include "palette_avx512.hpp"
#include "vectorized.hpp"

#include <cstring>

namespace copencv {

namespace {

COPENCV_VECTORIZED
void number(int *__restrict numbers, const float *__restrict heat, int count) {
    for (int x = 0; x < count; x++) numbers[x] = static_cast<int>(heat[x] * 255.0f);
}

} // namespace

Palette::Palette(COpenCVColorMap map) {
    const cv::Mat from = colors(map);
    for (size_t number = 0; number < pixels.size(); number++) {
        const auto &color = from.at<cv::Vec3b>(0, static_cast<int>(number));
        for (int channel = 0; channel < 3; channel++) {
            pixels[number][static_cast<size_t>(channel)] = color[channel];
            channels[static_cast<size_t>(channel)][number] = color[channel];
        }
    }
}

void Palette::look_up(Colors &colors, const float *heat, int count) const {
    if (permutes_bytes()) return permute(colors, heat, count, *this);
    std::array<int, block> numbers;
    number(numbers.data(), heat, count);
    // The fourth byte of each is overwritten by the next: one store instead of three.
    for (int x = 0; x < count; x++) {
        std::memcpy(&colors[static_cast<size_t>(3 * x)], &pixels[static_cast<size_t>(numbers[x])], sizeof pixels[0]);
    }
}

} // namespace copencv
