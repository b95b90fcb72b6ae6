#include "status.hpp"

#include <c10/util/Exception.h>

#include <new>

namespace {

/// When not even a status can be allocated: never freed, its text short enough to need no memory of its own.
CTorchStatus no_memory_for_status{CTorchCodeOutOfMemory, "Out of memory."};

CTorchStatus *make_status(CTorchCode code, const std::string &message) noexcept {
    try {
        return new CTorchStatus{code, message};
    } catch (...) {
        return &no_memory_for_status;
    }
}

bool contains(const std::string &text, const char *part) { return text.find(part) != std::string::npos; }

std::string first_line(const std::string &text) {
    const size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return "libtorch gives no reason";
    std::string line = text.substr(begin, text.find('\n', begin) - begin);
    // "Exception raised from f at file.cpp:1 (most recent call first):" opens the backtrace.
    const size_t backtrace = line.find("Exception raised from");
    if (backtrace != std::string::npos) line.erase(backtrace);
    const size_t end = line.find_last_not_of(" \t\r.:");
    return end == std::string::npos ? line : line.substr(0, end + 1);
}

} // namespace

namespace ctorch {

std::string reason_of(const std::exception &error) {
    const auto *torch_error = dynamic_cast<const c10::Error *>(&error);
    const std::string text = torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
    // The interpreter prints the TorchScript source first and the reason last.
    const std::string mark = "RuntimeError: ";
    const size_t reason = text.rfind(mark);
    return first_line(reason == std::string::npos ? text : text.substr(reason + mark.size()));
}

bool is_out_of_memory(const std::exception &error) {
    const std::string text = error.what();
    return dynamic_cast<const std::bad_alloc *>(&error) != nullptr || contains(text, "can't allocate memory") ||
           contains(text, "not enough memory");
}

Failure failure_of(const std::exception &error, CTorchCode code, const std::string &context) {
    if (const auto *known = dynamic_cast<const Failure *>(&error)) return *known;
    if (is_out_of_memory(error)) return Failure(CTorchCodeOutOfMemory, context + ": there is not enough memory.");
    return Failure(code, context + ": " + reason_of(error) + ".");
}

CTorchStatus *status_of_current_exception() noexcept {
    try {
        throw;
    } catch (const Failure &failure) {
        return make_status(failure.code, failure.what());
    } catch (const std::exception &error) {
        try {
            const Failure failure = failure_of(error, CTorchCodeRuntime, "libtorch failed");
            return make_status(failure.code, failure.what());
        } catch (...) {
            return &no_memory_for_status;
        }
    } catch (...) {
        return make_status(CTorchCodeRuntime, "An exception of unknown type was thrown.");
    }
}

} // namespace ctorch

CTorchCode ctorch_status_code(const CTorchStatus *status) { return status->code; }

const char *ctorch_status_message(const CTorchStatus *status) { return status->message.c_str(); }

void ctorch_status_free(CTorchStatus *status) {
    if (status != &no_memory_for_status) delete status;
}
