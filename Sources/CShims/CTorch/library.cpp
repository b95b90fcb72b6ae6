#include "ctorch.h"
#include "precision.hpp"
#include "threads.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include <sys/mman.h>
#include <unistd.h>

#include <string>

namespace {

/// libtorch 1.13 tells it only in the description of its configuration: "CPU capability usage: AVX512".
std::string cpu_capability() {
    const std::string configuration = at::show_config();
    const std::string mark = "CPU capability usage: ";
    const size_t begin = configuration.find(mark);
    if (begin == std::string::npos) return "DEFAULT";
    const size_t name = begin + mark.size();
    return configuration.substr(name, configuration.find_first_of(" \n", name) - name);
}

/// Tries what oneDNN does: a page is written, then made executable.
bool may_execute_what_it_wrote() {
    const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    void *page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return true; // Want of memory says nothing of permissions.
    const bool may = mprotect(page, size, PROT_READ | PROT_WRITE | PROT_EXEC) == 0;
    munmap(page, size);
    return may;
}

} // namespace

const char *ctorch_version(void) { return TORCH_VERSION; }

const char *ctorch_cpu_capability(void) {
    try {
        static const std::string capability = cpu_capability();
        return capability.c_str();
    } catch (...) {
        return "DEFAULT";
    }
}

bool ctorch_choose_convolutions(void) {
    if (!may_execute_what_it_wrote()) at::globalContext().setUserEnabledMkldnn(false);
    return at::globalContext().hasMKLDNN() && at::globalContext().userEnabledMkldnn();
}

bool ctorch_bfloat16_supported(void) {
    try {
        return ctorch::can_compute_in_bfloat16();
    } catch (...) {
        return false;
    }
}

void ctorch_set_threads(int32_t count) {
    try {
        ctorch::set_thread_count(count);
    } catch (...) {
        // libtorch refuses only counts below 1, which are not asked of it.
    }
}

int32_t ctorch_threads(void) { return static_cast<int32_t>(at::get_num_threads()); }
