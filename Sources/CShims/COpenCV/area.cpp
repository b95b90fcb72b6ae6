#include "area.hpp"

#include "vectorized.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace copencv {

namespace {

/// The pixels of a line that fall into one pixel of the shrunk line: the first and the last in part, those between
/// wholly.
struct Span {
    int first, last;
    /// Shares of the mean: of the first pixel, of the last one (0 where that is the first), of each between.
    float first_weight, last_weight, inner_weight;
};

/// - wanted: pixels of the shrunk line.
std::vector<Span> spans(int length, int shrunk, cv::Range wanted) {
    std::vector<Span> result;
    const double scale = static_cast<double>(length) / shrunk;
    for (int index = wanted.start; index < wanted.end; index++) {
        const double start = index * scale, end = start + scale;
        const int first = std::min(static_cast<int>(start), length - 1);
        // An end that is whole but for rounding takes nothing of the next pixel.
        const int last = std::clamp(static_cast<int>(std::ceil(end - 1e-6)) - 1, first, length - 1);
        const double first_share = std::min(first + 1.0, end) - start;
        const double last_share = last > first ? std::min(end - last, 1.0) : 0;
        result.push_back({first, last, static_cast<float>(first_share / scale), static_cast<float>(last_share / scale),
                          static_cast<float>(1 / scale)});
    }
    return result;
}

COPENCV_VECTORIZED
void set_weighted(const uint8_t *row, float weight, float *__restrict means, size_t count) {
    for (size_t i = 0; i < count; i++) means[i] = weight * static_cast<float>(row[i]);
}

COPENCV_VECTORIZED
void add_weighted(const uint8_t *row, float weight, float *__restrict means, size_t count) {
    for (size_t i = 0; i < count; i++) means[i] += weight * static_cast<float>(row[i]);
}

COPENCV_VECTORIZED
void add_weighted(const uint16_t *sums, float weight, float *__restrict means, size_t count) {
    for (size_t i = 0; i < count; i++) means[i] += weight * static_cast<float>(sums[i]);
}

COPENCV_VECTORIZED
void add_whole(const uint8_t *row, uint16_t *__restrict sums, size_t count) {
    for (size_t i = 0; i < count; i++) sums[i] = static_cast<uint16_t>(sums[i] + row[i]);
}

/// One row of means down the columns.
class ColumnMeans {
public:
    explicit ColumnMeans(size_t bytes) : bytes(bytes), sums(bytes), means(bytes + 1) {}

    const float *of(const cv::Mat &pixels, const Span &rows) {
        set_weighted(pixels.ptr(rows.first), rows.first_weight, means.data(), bytes);
        if (rows.last > rows.first) add_weighted(pixels.ptr(rows.last), rows.last_weight, means.data(), bytes);
        for (int from = rows.first + 1; from < rows.last; from += most_rows) {
            std::fill(sums.begin(), sums.end(), uint16_t{0});
            const int to = std::min(from + most_rows, rows.last);
            for (int y = from; y < to; y++) add_whole(pixels.ptr(y), sums.data(), bytes);
            add_weighted(sums.data(), rows.inner_weight, means.data(), bytes);
        }
        return means.data();
    }

private:
    /// 16 bits hold the sum of so many bytes.
    static constexpr int most_rows = 256;

    size_t bytes;
    std::vector<uint16_t> sums;
    /// One value more, so that the last pixel can be read with a fourth channel, too.
    std::vector<float> means;
};

using Pixel = std::array<float, 4>;

void add(Pixel &sum, const float *pixel, float weight) {
    for (size_t channel = 0; channel < sum.size(); channel++) sum[channel] += weight * pixel[channel];
}

void average_row(const float *means, const std::vector<Span> &columns, uint8_t *shrunk) {
    for (const auto &span : columns) {
        Pixel sum{};
        add(sum, means + 3 * span.first, span.first_weight);
        for (int x = span.first + 1; x < span.last; x++) add(sum, means + 3 * x, span.inner_weight);
        if (span.last > span.first) add(sum, means + 3 * span.last, span.last_weight);
        for (size_t channel = 0; channel < 3; channel++) {
            *shrunk++ = static_cast<uint8_t>(std::min(static_cast<int>(sum[channel] + 0.5f), 255));
        }
    }
}

} // namespace

cv::Mat shrunk_by_area(const cv::Mat &pixels, cv::Size size, cv::Rect part) {
    const auto rows = spans(pixels.rows, size.height, {part.y, part.y + part.height});
    auto columns = spans(pixels.cols, size.width, {part.x, part.x + part.width});
    // What falls into none of them is not looked at.
    const int start = columns.front().first;
    const cv::Mat seen = pixels.colRange(start, columns.back().last + 1);
    for (auto &span : columns) {
        span.first -= start;
        span.last -= start;
    }
    cv::Mat result(part.size(), CV_8UC3);
    ColumnMeans means(3 * static_cast<size_t>(seen.cols));
    for (int y = 0; y < part.height; y++) {
        average_row(means.of(seen, rows[static_cast<size_t>(y)]), columns, result.ptr(y));
    }
    return result;
}

} // namespace copencv
