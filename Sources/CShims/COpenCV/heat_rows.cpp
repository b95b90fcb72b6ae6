#include "heat_rows.hpp"

#include "pixel_edges.hpp"
#include "status.hpp"
#include "vectorized.hpp"

#include <algorithm>
#include <cmath>

namespace copencv {

namespace {

/// What is not a number, or outside 0...1, must not become a colour by accident.
float valid(float heat) { return heat >= 0 ? std::min(heat, 1.0f) : 0.0f; }

/// Of what was warm, that which will not be written anew.
void clear(std::vector<float> &heat, cv::Range warm, cv::Range next) {
    const auto fill = [&](int start, int end) {
        if (start < end) std::fill(heat.begin() + start, heat.begin() + end, 0.0f);
    };
    fill(warm.start, std::min(warm.end, next.start));
    fill(std::max(warm.start, next.end), warm.end);
}

/// The smallest range that holds both.
cv::Range united(cv::Range one, cv::Range other) {
    if (one.empty()) return other;
    if (other.empty()) return one;
    return {std::min(one.start, other.start), std::max(one.end, other.end)};
}

/// Along a row of cells.
COPENCV_VECTORIZED
void interpolate(const float *cells, const Neighbors &columns, cv::Range pixels, float *__restrict heat) {
    const int *first = columns.first.data(), *second = columns.second.data();
    const float *weights = columns.weight.data();
    for (int x = pixels.start; x < pixels.end; x++) {
        const float weight = weights[x];
        heat[x] = cells[first[x]] * (1 - weight) + cells[second[x]] * weight;
    }
}

/// Between two rows of cells.
COPENCV_VECTORIZED
void interpolate(const float *above, const float *below, float weight, cv::Range pixels, float *__restrict heat) {
    for (int x = pixels.start; x < pixels.end; x++) heat[x] = above[x] * (1 - weight) + below[x] * weight;
}

} // namespace

Neighbors::Neighbors(size_t cells, double start, double end, int from, int to) {
    const double step = static_cast<double>(cells) / (end - start);
    const int last = static_cast<int>(cells) - 1;
    for (int pixel = from; pixel < to; pixel++) {
        const double position = std::clamp((pixel + 0.5 - start) * step - 0.5, 0.0, static_cast<double>(last));
        const int cell = static_cast<int>(position);
        first.push_back(cell);
        second.push_back(std::min(cell + 1, last));
        weight.push_back(static_cast<float>(position - cell));
    }
}

HeatRows::HeatRows(const COpenCVHeat &heat, cv::Size picture)
    : heat(heat), part(covered_pixels(heat, picture)),
      columns(heat.width, heat.left, heat.right, part.x, part.x + part.width),
      lines(heat.height, heat.top, heat.bottom, part.y, part.y + part.height) {}

cv::Rect HeatRows::covered_pixels(const COpenCVHeat &heat, cv::Size picture) {
    constexpr size_t largest_side = 1 << 15;
    require(heat.width >= 1 && heat.height >= 1 && heat.width <= largest_side && heat.height <= largest_side,
            "sides of the map must be 1 ... 32768");
    require(heat.left < heat.right && heat.top < heat.bottom && std::isfinite(heat.right - heat.left) &&
                std::isfinite(heat.bottom - heat.top),
            "the rectangle of the heat must not be empty");
    return cv::Rect(cv::Point(first_pixel(heat.left, picture.width), first_pixel(heat.top, picture.height)),
                    cv::Point(first_pixel(heat.right, picture.width), first_pixel(heat.bottom, picture.height)));
}

cv::Range HeatRows::warm_pixels(const std::vector<float> &cells) const {
    const auto is_warm = [](float heat) { return heat > 0; };
    const auto first = std::find_if(cells.begin(), cells.end(), is_warm);
    if (first == cells.end()) return {0, 0};
    const auto behind_last = std::find_if(cells.rbegin(), cells.rend(), is_warm).base();
    const auto pixels_before = [](const std::vector<int> &neighbors, auto cell) {
        return static_cast<int>(std::lower_bound(neighbors.begin(), neighbors.end(), cell) - neighbors.begin());
    };
    return {pixels_before(columns.second, first - cells.begin()),
            pixels_before(columns.first, behind_last - cells.begin())};
}

HeatRows::Cursor::Cursor(const HeatRows &rows)
    : rows(rows), cells(rows.heat.width), heat(static_cast<size_t>(rows.part.width)) {
    for (auto &line : lines) line.heat.resize(heat.size());
}

const HeatRows::Cursor::Line &HeatRows::Cursor::line(int cell_row) {
    // Neighbouring rows of cells are one even and one odd, so neither drives the other out.
    auto &line = lines[static_cast<size_t>(cell_row) % lines.size()];
    if (line.cell_row == cell_row) return line;
    const float *from = rows.heat.values + static_cast<size_t>(cell_row) * rows.heat.width;
    std::transform(from, from + rows.heat.width, cells.begin(), valid);
    const cv::Range next = rows.warm_pixels(cells);
    clear(line.heat, line.warm, next);
    line.cell_row = cell_row;
    line.warm = next;
    interpolate(cells.data(), rows.columns, line.warm, line.heat.data());
    return line;
}

HeatRows::Row HeatRows::Cursor::row(int y) {
    const auto &neighbors = rows.lines;
    const size_t index = static_cast<size_t>(y);
    const auto &above = line(neighbors.first[index]);
    const auto &below = line(neighbors.second[index]);
    const cv::Range next = united(above.warm, below.warm);
    clear(heat, warm, next);
    warm = next;
    interpolate(above.heat.data(), below.heat.data(), neighbors.weight[index], warm, heat.data());
    return {heat.data(), static_cast<int>(heat.size()), warm};
}

} // namespace copencv
