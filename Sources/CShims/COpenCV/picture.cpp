#include "picture.hpp"

#include "status.hpp"

#include <string>

void copencv_picture_free(COpenCVPicture *picture) { delete picture; }

size_t copencv_picture_width(const COpenCVPicture *picture) { return static_cast<size_t>(picture->pixels.cols); }

size_t copencv_picture_height(const COpenCVPicture *picture) { return static_cast<size_t>(picture->pixels.rows); }

const uint8_t *copencv_picture_pixels(const COpenCVPicture *picture) { return picture->pixels.data; }

COpenCVStatus *copencv_picture_copy(const COpenCVPicture *picture, COpenCVPicture **ret_copy) {
    return copencv::guarded([&] { *ret_copy = new COpenCVPicture{picture->pixels.clone()}; });
}

void copencv::check_size(size_t found_width, size_t found_height, size_t width, size_t height) {
    if (found_width == width && found_height == height) return;
    throw Undecodable("The decoder found a size of " + std::to_string(found_width) + " x " +
                      std::to_string(found_height) + " pixels where the header says " + std::to_string(width) + " x " +
                      std::to_string(height) + ".");
}
