#include "box_frame.hpp"
#include "box_label.hpp"
#include "picture.hpp"
#include "status.hpp"

#include <cmath>
#include <vector>

namespace {

using namespace copencv;

constexpr size_t most_boxes = 10'000;

cv::Scalar color_of(const COpenCVBox &box) { return cv::Scalar(box.blue, box.green, box.red); }

bool is_finite(const COpenCVBox &box) {
    return std::isfinite(box.left) && std::isfinite(box.top) && std::isfinite(box.right) && std::isfinite(box.bottom);
}

} // namespace

COpenCVStatus *copencv_picture_draw_boxes(COpenCVPicture *picture, const COpenCVBox *boxes, size_t count) {
    return guarded([&] {
        require(count <= most_boxes, "count must be 0 ... 10000");
        cv::Mat &pixels = picture->pixels;
        LabelPlacing placing(pixels.size());
        std::vector<BoxFrame> frames;
        std::vector<BoxLabel> labels;
        for (size_t i = 0; i < count; i++) {
            require(is_finite(boxes[i]), "sides of boxes must be finite");
            frames.emplace_back(boxes[i], pixels.size());
            labels.push_back(placing.place(boxes[i].label, frames.back()));
        }
        // The first lies on top, so it comes last.
        for (size_t i = count; i-- > 0;) draw_frame(pixels, frames[i], color_of(boxes[i]));
        for (size_t i = count; i-- > 0;) placing.draw(pixels, labels[i], frames[i], color_of(boxes[i]));
    });
}
