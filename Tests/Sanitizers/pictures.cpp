/// Puts every function of copencv.h through whole and damaged pictures, for the sanitizers to watch.
///
///     pictures ROUNDS PICTURE...
///
/// What comes out is not judged here; that is what Tests/EngineTests does.
#include "copencv.h"

#include <opencv2/imgcodecs.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

namespace {

using Bytes = std::vector<uint8_t>;

/// - Returns: whether the call succeeded. An argument that breaks a rule is this program's fault.
bool succeeded(COpenCVStatus *status) {
    if (status == nullptr) return true;
    if (copencv_status_code(status) == COpenCVCodeInvalidArgument) {
        std::fprintf(stderr, "%s\n", copencv_status_message(status));
        std::abort();
    }
    copencv_status_free(status);
    return false;
}

void prepare(const COpenCVPicture *picture) {
    const float mean[] = {0.485F, 0.456F, 0.406F}, std[] = {0.229F, 0.224F, 0.225F};
    std::vector<float> values(size_t{3} * 32 * 24);
    // Stretched, cropped, and padded.
    const COpenCVPlacement placements[] = {
        {32, 24, 32, 24, 0, 0, 0}, {32, 24, 64, 48, -16, -12, 0}, {32, 24, 16, 12, 8, 6, 114}};
    for (const auto &placement : placements) {
        for (const auto interpolation :
             {COpenCVInterpolationArea, COpenCVInterpolationLinear, COpenCVInterpolationCubic}) {
            succeeded(copencv_picture_tensor(picture, placement, interpolation, 3, mean, std, values.data()));
            succeeded(copencv_picture_tensor(picture, placement, interpolation, 1, mean, std, values.data()));
        }
    }
}

void encode(const COpenCVPicture *picture) {
    for (const auto format : {COpenCVFormatJPEG, COpenCVFormatPNG}) {
        COpenCVBytes *bytes = nullptr;
        if (succeeded(copencv_picture_encode(picture, format, 90, &bytes))) copencv_bytes_free(bytes);
    }
}

void paint(const COpenCVPicture *picture) {
    const auto width = static_cast<double>(copencv_picture_width(picture));
    const auto height = static_cast<double>(copencv_picture_height(picture));
    const std::vector<float> values = {0, 0.5F, 1, NAN, INFINITY, -1};
    const COpenCVHeat heats[] = {
        {values.data(), 3, 2, 0, 0, width, height},
        {values.data(), 2, 3, 0.3, 0.7, width - 0.4, height - 0.2},
        {values.data(), 1, 1, -5, -5, width + 5, height + 5},
    };
    const COpenCVBox boxes[] = {
        {1.5, 1.5, width / 2, height / 2, "first", 255, 0, 0},
        {0, 0, width, height, "a label that is longer than most pictures are wide, and then some \xC3\xA9", 0, 255, 0},
        {-1e12, -1e12, 1e12, 1e12, "", 0, 0, 255},
        {width + 1, height + 1, width + 9, height + 9, "outside", 9, 9, 9},
        {5, 5, 5, 5, "empty", 9, 9, 9},
    };
    std::vector<COpenCVPicture *> overlays;
    for (const auto &heat : heats) {
        for (const auto style : {COpenCVOverlayStyleBlend, COpenCVOverlayStyleParity}) {
            COpenCVPicture *overlay = nullptr;
            if (!succeeded(copencv_picture_copy(picture, &overlay))) continue;
            succeeded(copencv_picture_draw_heat(overlay, heat, style, COpenCVColorMapTurbo, 0.6F));
            succeeded(copencv_picture_draw_color_bar(overlay, COpenCVColorMapViridis));
            succeeded(copencv_picture_draw_boxes(overlay, boxes, std::size(boxes)));
            succeeded(copencv_picture_draw_caption(overlay, "caption 93.1 %  \xF0\x9F\x90\x88"));
            overlays.push_back(overlay);
        }
    }
    COpenCVPicture *sheet = nullptr;
    if (!overlays.empty() && succeeded(copencv_contact_sheet(overlays.data(), overlays.size(), 64, &sheet))) {
        encode(sheet);
        copencv_picture_free(sheet);
    }
    for (auto *overlay : overlays) copencv_picture_free(overlay);
}

struct Sample {
    Bytes bytes;
    size_t width, height;
};

/// As a thumbnail: decoded at a fraction, shrunk, encoded.
void reduce(const Sample &sample, const Bytes &bytes, int32_t orientation) {
    COpenCVPicture *picture = nullptr;
    if (!succeeded(copencv_picture_decode_reduced(
            bytes.data(), bytes.size(), sample.width, sample.height, orientation, 4, &picture))) {
        return;
    }
    COpenCVPicture *sheet = nullptr;
    if (succeeded(copencv_contact_sheet(&picture, 1, 16, &sheet))) {
        encode(sheet);
        copencv_picture_free(sheet);
    }
    copencv_picture_free(picture);
}

/// Decodes, and works on a copy of what came out. - Returns: whether anything did.
bool run(const Sample &sample, const Bytes &bytes, int32_t orientation) {
    reduce(sample, bytes, orientation);
    COpenCVPicture *picture = nullptr;
    if (!succeeded(copencv_picture_decode(
            bytes.data(), bytes.size(), sample.width, sample.height, orientation, &picture))) {
        return false;
    }
    COpenCVPicture *copy = nullptr;
    if (succeeded(copencv_picture_copy(picture, &copy))) {
        prepare(copy);
        paint(copy);
        encode(copy);
        copencv_picture_free(copy);
    }
    copencv_picture_free(picture);
    return true;
}

} // namespace

int main(int count, char **arguments) {
    if (count < 3) return 64;
    copencv_set_threads(1);
    std::vector<Sample> samples;
    for (int index = 2; index < count; index++) {
        std::ifstream file(arguments[index], std::ios::binary);
        Bytes bytes((std::istreambuf_iterator<char>(file)), {});
        const cv::Mat pixels = cv::imdecode(bytes, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
        samples.push_back({std::move(bytes), static_cast<size_t>(pixels.cols), static_cast<size_t>(pixels.rows)});
    }
    int decoded = 0, refused = 0;
    for (const auto &sample : samples) {
        for (int32_t orientation = 1; orientation <= 8; orientation++) {
            run(sample, sample.bytes, orientation) ? decoded++ : refused++;
        }
    }
    std::mt19937 dice(4);
    const int rounds = std::atoi(arguments[1]);
    for (int round = 0; round < rounds; round++) {
        const auto &sample = samples[static_cast<size_t>(round) % samples.size()];
        Bytes bytes = sample.bytes;
        // The container's tag stays: other formats are refused by a rule.
        const auto place = [&] { return 16 + dice() % (bytes.size() - 16); };
        for (int change = 0; change < 4; change++) bytes[place()] = static_cast<uint8_t>(dice());
        if (dice() % 4 == 0) bytes.resize(place());
        run(sample, bytes, 1 + static_cast<int32_t>(dice() % 8)) ? decoded++ : refused++;
    }
    std::printf("%zu pictures, %d damaged copies: %d decoded, %d refused\n", samples.size(), rounds, decoded, refused);
    return 0;
}
