#include "status.hpp"

#include <opencv2/core/utility.hpp>
#include <opencv2/core/version.hpp>

namespace {

/// When not even a status can be allocated: never freed, its text short enough to need no memory of its own.
COpenCVStatus no_memory_for_status{COpenCVCodeOutOfMemory, "Out of memory."};

} // namespace

namespace copencv {

COpenCVStatus *make_status(COpenCVCode code, const char *message) noexcept {
    try {
        return new COpenCVStatus{code, message};
    } catch (...) {
        return &no_memory_for_status;
    }
}

COpenCVStatus *make_status(const cv::Exception &error) noexcept {
    // `err` is the reason alone; what() adds source lines of OpenCV.
    return make_status(error.code == cv::Error::StsNoMem ? COpenCVCodeOutOfMemory : COpenCVCodeRuntime,
                       error.err.c_str());
}

} // namespace copencv

COpenCVCode copencv_status_code(const COpenCVStatus *status) { return status->code; }

const char *copencv_status_message(const COpenCVStatus *status) { return status->message.c_str(); }

void copencv_status_free(COpenCVStatus *status) {
    if (status != &no_memory_for_status) delete status;
}

void copencv_set_threads(int32_t count) {
    // 0 would mean "as many as there are" to OpenCV, 1 runs everything on the calling thread.
    cv::setNumThreads(count < 1 ? 1 : count);
}

const char *copencv_version(void) { return CV_VERSION; }
