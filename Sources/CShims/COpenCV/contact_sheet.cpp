#include "picture.hpp"
#include "status.hpp"
#include "text.hpp"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace {

using namespace copencv;

constexpr size_t most_pictures = 64;
constexpr int smallest_tile = 16, largest_tile = 4096;
constexpr int most_columns = 4;
constexpr int gaps_per_tile = 64, smallest_gap = 2;
constexpr int64_t largest_area = 1 << 28;

/// The size of a picture that is shrunk into a square, at least a pixel each way.
cv::Size fitted(cv::Size picture, int side) {
    const double scale = std::min(1.0, static_cast<double>(side) / std::max(picture.width, picture.height));
    const auto shrunk = [&](int length) { return std::max(1, static_cast<int>(std::lround(length * scale))); };
    return {shrunk(picture.width), shrunk(picture.height)};
}

/// Columns and rows one behind the other, with gaps between.
struct Track {
    std::vector<int> lengths;

    explicit Track(int count) : lengths(static_cast<size_t>(count)) {}

    void widen(int index, int length) {
        int &current = lengths[static_cast<size_t>(index)];
        current = std::max(current, length);
    }
    /// Where the `index`-th begins.
    int start(int index, int gap) const {
        int position = 0;
        for (int i = 0; i < index; i++) position += lengths[static_cast<size_t>(i)] + gap;
        return position;
    }
    int total(int gap) const { return start(static_cast<int>(lengths.size()), gap) - gap; }
};

cv::Mat sheet_of(const COpenCVPicture *const *pictures, int count, int side) {
    const int rows = (count + most_columns - 1) / most_columns;
    const int columns = (count + rows - 1) / rows;
    const int gap = std::max(smallest_gap, side / gaps_per_tile);
    Track across(columns), down(rows);
    for (int i = 0; i < count; i++) {
        const cv::Size tile = fitted(pictures[i]->pixels.size(), side);
        across.widen(i % columns, tile.width);
        down.widen(i / columns, tile.height);
    }
    const cv::Size size(across.total(gap), down.total(gap));
    require(static_cast<int64_t>(size.width) * size.height <= largest_area, "the sheet must not exceed 2^28 pixels");
    cv::Mat sheet(size, CV_8UC3, ground_color);
    for (int i = 0; i < count; i++) {
        const cv::Mat &picture = pictures[i]->pixels;
        const int column = i % columns, row = i / columns;
        const cv::Size tile = fitted(picture.size(), side);
        const cv::Point corner(
            across.start(column, gap) + (across.lengths[static_cast<size_t>(column)] - tile.width) / 2,
            down.start(row, gap) + (down.lengths[static_cast<size_t>(row)] - tile.height) / 2);
        cv::resize(picture, sheet(cv::Rect(corner, tile)), tile, 0, 0, cv::INTER_AREA);
    }
    return sheet;
}

} // namespace

COpenCVStatus *copencv_contact_sheet(const COpenCVPicture *const *pictures, size_t count, int32_t tile_side,
                                     COpenCVPicture **ret_sheet) {
    return guarded([&] {
        require(count >= 1 && count <= most_pictures, "count must be 1 ... 64");
        require(tile_side >= smallest_tile && tile_side <= largest_tile, "tile_side must be 16 ... 4096");
        *ret_sheet = new COpenCVPicture{sheet_of(pictures, static_cast<int>(count), tile_side)};
    });
}
