#pragma once

#include "copencv.h"

#include <opencv2/core.hpp>

#include <array>
#include <vector>

namespace copencv {

/// For every pixel of a line: the two cells of the map that it lies between, and how far towards the second.
/// Centres of cells are at 0.5, 1.5, ... (corners not aligned); beyond the outermost centres the edge goes on.
struct Neighbors {
    std::vector<int> first, second;
    std::vector<float> weight;

    /// - cells: along the map; `start` and `end`: where the map lies, in pixels.
    /// - pixels: from the `from`-th to before the `to`-th.
    Neighbors(size_t cells, double start, double end, int from, int to);
};

/// The heat of single rows of pixels, so that no map of the picture's size is ever made.
class HeatRows {
public:
    /// Throws InvalidArgument for an empty map or rectangle.
    HeatRows(const COpenCVHeat &heat, cv::Size picture);

    /// The pixels of the picture that lie in the rectangle by at least half; may be empty.
    cv::Rect rectangle() const { return part; }

    /// One thread's place in the map: the last two rows of cells, already interpolated along x.
    class Cursor {
    public:
        explicit Cursor(const HeatRows &rows);
        /// Heat of row `y` of the rectangle (from 0), 0...1; lives until the next call.
        const float *row(int y);

    private:
        const std::vector<float> &line(int cell_row);

        const HeatRows &rows;
        std::array<std::vector<float>, 2> lines;
        std::array<int, 2> line_cells{-1, -1};
        std::vector<float> heat;
    };

private:
    static cv::Rect covered_pixels(const COpenCVHeat &heat, cv::Size picture);

    COpenCVHeat heat;
    cv::Rect part;
    Neighbors columns, lines;
};

} // namespace copencv
