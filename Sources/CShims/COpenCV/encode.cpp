#include "jpeg.hpp"
#include "picture.hpp"
#include "status.hpp"

#include <opencv2/imgcodecs.hpp>

#include <memory>
#include <vector>

struct COpenCVBytes {
    std::vector<uint8_t> data;
};

const uint8_t *copencv_bytes_data(const COpenCVBytes *bytes) { return bytes->data.data(); }

size_t copencv_bytes_length(const COpenCVBytes *bytes) { return bytes->data.size(); }

void copencv_bytes_free(COpenCVBytes *bytes) { delete bytes; }

COpenCVStatus *copencv_picture_encode(const COpenCVPicture *picture, COpenCVFormat format, int32_t quality,
                                      COpenCVBytes **ret_bytes) {
    using namespace copencv;
    return guarded([&] {
        require(format != COpenCVFormatJPEG || (quality >= 1 && quality <= 100), "quality must be 1 ... 100");
        auto bytes = std::make_unique<COpenCVBytes>();
        if (format == COpenCVFormatJPEG) {
            bytes->data = encode_jpeg(picture->pixels, quality);
        } else if (!cv::imencode(".png", picture->pixels, bytes->data)) {
            bytes->data.clear();
        }
        if (bytes->data.empty()) throw std::runtime_error("The encoder gave up.");
        *ret_bytes = bytes.release();
    });
}
