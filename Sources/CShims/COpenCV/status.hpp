#pragma once

#include "copencv.h"

#include <opencv2/core.hpp>

#include <new>
#include <stdexcept>
#include <string>

/// Why a call failed. Lives until the caller frees it.
struct COpenCVStatus {
    COpenCVCode code;
    std::string message;
};

namespace copencv {

/// The caller broke a rule of the header.
struct InvalidArgument : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

/// The bytes are not the picture that their header promised.
struct Undecodable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

COpenCVStatus *make_status(COpenCVCode code, const char *message) noexcept;
COpenCVStatus *make_status(const cv::Exception &error) noexcept;

/// Throws InvalidArgument unless `holds`.
inline void require(bool holds, const char *rule) {
    if (!holds) throw InvalidArgument(rule);
}

/// No C++ exception crosses the C header: every entry point that can fail runs its body in here.
template <typename Body> COpenCVStatus *guarded(Body &&body) noexcept {
    try {
        body();
        return nullptr;
    } catch (const InvalidArgument &error) {
        return make_status(COpenCVCodeInvalidArgument, error.what());
    } catch (const Undecodable &error) {
        return make_status(COpenCVCodeUndecodable, error.what());
    } catch (const cv::Exception &error) {
        return make_status(error);
    } catch (const std::bad_alloc &) {
        return make_status(COpenCVCodeOutOfMemory, "There is not enough memory.");
    } catch (const std::exception &error) {
        return make_status(COpenCVCodeRuntime, error.what());
    } catch (...) {
        return make_status(COpenCVCodeRuntime, "An exception of unknown type was thrown.");
    }
}

} // namespace copencv
