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

    /// A row of pixels.
    struct Row {
        /// 0...1, `length` values.
        const float *heat;
        int length;
        /// The pixels beside these have no heat.
        cv::Range warm;
    };

    /// One thread's place in the map: the last two rows of cells, already interpolated along x.
    class Cursor {
    public:
        explicit Cursor(const HeatRows &rows);
        /// Row `y` of the rectangle (from 0); lives until the next call.
        Row row(int y);

    private:
        /// Zero beside `warm`.
        struct Line {
            int cell_row = -1;
            std::vector<float> heat;
            cv::Range warm{0, 0};
        };

        const Line &line(int cell_row);

        const HeatRows &rows;
        std::array<Line, 2> lines;
        std::vector<float> cells;
        std::vector<float> heat;
        cv::Range warm{0, 0};
    };

private:
    static cv::Rect covered_pixels(const COpenCVHeat &heat, cv::Size picture);
    /// The pixels of a line that a cell with heat reaches.
    cv::Range warm_pixels(const std::vector<float> &cells) const;

    COpenCVHeat heat;
    cv::Rect part;
    Neighbors columns, lines;
};

} // namespace copencv
