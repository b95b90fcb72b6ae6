#include "heat_rows.hpp"

#include "pixel_edges.hpp"
#include "status.hpp"

#include <algorithm>
#include <cmath>

namespace copencv {

namespace {

/// What is not a number, or outside 0...1, must not become a colour by accident.
float valid(float heat) { return heat >= 0 ? std::min(heat, 1.0f) : 0.0f; }

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

HeatRows::Cursor::Cursor(const HeatRows &rows) : rows(rows), heat(static_cast<size_t>(rows.part.width)) {
    for (auto &line : lines) line.resize(heat.size());
}

const std::vector<float> &HeatRows::Cursor::line(int cell_row) {
    // Neighbouring rows of cells are one even and one odd, so neither drives the other out.
    const size_t place = static_cast<size_t>(cell_row) % lines.size();
    auto &line = lines[place];
    if (line_cells[place] == cell_row) return line;
    const float *cells = rows.heat.values + static_cast<size_t>(cell_row) * rows.heat.width;
    const auto &columns = rows.columns;
    for (size_t x = 0; x < line.size(); x++) {
        const float weight = columns.weight[x];
        line[x] = valid(cells[columns.first[x]]) * (1 - weight) + valid(cells[columns.second[x]]) * weight;
    }
    line_cells[place] = cell_row;
    return line;
}

const float *HeatRows::Cursor::row(int y) {
    const auto &neighbors = rows.lines;
    const size_t index = static_cast<size_t>(y);
    const auto &above = line(neighbors.first[index]);
    const auto &below = line(neighbors.second[index]);
    const float weight = neighbors.weight[index];
    for (size_t x = 0; x < heat.size(); x++) heat[x] = above[x] * (1 - weight) + below[x] * weight;
    return heat.data();
}

} // namespace copencv
