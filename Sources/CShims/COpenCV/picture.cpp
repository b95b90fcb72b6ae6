#include "picture.hpp"

#include "status.hpp"

void copencv_picture_free(COpenCVPicture *picture) { delete picture; }

size_t copencv_picture_width(const COpenCVPicture *picture) { return static_cast<size_t>(picture->pixels.cols); }

size_t copencv_picture_height(const COpenCVPicture *picture) { return static_cast<size_t>(picture->pixels.rows); }

const uint8_t *copencv_picture_pixels(const COpenCVPicture *picture) { return picture->pixels.data; }

COpenCVStatus *copencv_picture_copy(const COpenCVPicture *picture, COpenCVPicture **ret_copy) {
    return copencv::guarded([&] { *ret_copy = new COpenCVPicture{picture->pixels.clone()}; });
}
