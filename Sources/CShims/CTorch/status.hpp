#pragma once

#include "ctorch.h"

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

/// Why a call failed. Lives until the caller frees it.
struct CTorchStatus {
    CTorchCode code;
    std::string message;
};

namespace ctorch {

/// A failure whose code and sentence are known where it happens.
struct Failure : std::runtime_error {
    Failure(CTorchCode code, const std::string &message) : std::runtime_error(message), code(code) {}

    CTorchCode code;
};

/// Throws InvalidArgument unless `holds`.
inline void require(bool holds, const char *rule) {
    if (!holds) throw Failure(CTorchCodeInvalidArgument, rule);
}

/// What libtorch says about `error`, as one line: no backtrace, no TorchScript source.
std::string reason_of(const std::exception &error);

/// Whether `error` tells of an allocation that failed.
bool is_out_of_memory(const std::exception &error);

/// A failure of libtorch under `code`, introduced by `context`; memory that ran out keeps its own code.
Failure failure_of(const std::exception &error, CTorchCode code, const std::string &context);

/// The status of the exception that is being handled.
CTorchStatus *status_of_current_exception() noexcept;

/// No C++ exception crosses the C header: every entry point that can fail runs its body in here.
template <typename Body> CTorchStatus *guarded(Body &&body) noexcept {
    try {
        std::forward<Body>(body)();
        return nullptr;
    } catch (...) {
        return status_of_current_exception();
    }
}

} // namespace ctorch
