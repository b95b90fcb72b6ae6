#include "threads.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>

namespace ctorch {
namespace {

/// 0: as many as libtorch takes by itself.
std::atomic<int> wanted_count = 0;

} // namespace

void set_thread_count(int count) {
    wanted_count = std::max(count, 1);
    prepare_thread();
}

void prepare_thread() {
    // libtorch keeps the number per calling thread. Once each: whenever it is set, libtorch makes a pool of threads anew,
    // which spin for some ten milliseconds and take the processors from those that compute.
    thread_local int own_count = 0;
    const int count = wanted_count;
    if (count == own_count) return;
    at::set_num_threads(count);
    own_count = count;
}

} // namespace ctorch
