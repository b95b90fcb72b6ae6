#include "ctorch.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

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

void ctorch_set_threads(int32_t count) {
    try {
        at::set_num_threads(count < 1 ? 1 : count);
    } catch (...) {
        // libtorch refuses only counts below 1: the count stays as it was.
    }
}

int32_t ctorch_threads(void) { return static_cast<int32_t>(at::get_num_threads()); }
