#include "precision.hpp"

#include "fused_convolution.hpp"
#include "status.hpp"

#include <ATen/Context.h>
#include <torch/version.h>

#include <string>

#if TORCH_VERSION_MAJOR < 2
#include "onednn.hpp"
#endif

namespace ctorch {
namespace {

/// What is missing, or nothing.
std::string obstacle() {
#if TORCH_VERSION_MAJOR < 2
    // oneDNN's own view, which ONEDNN_MAX_CPU_ISA can lower. Its instruction sets hold all bits of those below.
    const auto has = [](dnnl::cpu_isa set) {
        const auto own = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
        return (own & static_cast<unsigned>(set)) == static_cast<unsigned>(set);
    };
    if (!can_fuse_convolutions()) return "oneDNN is off: this process may make no memory executable";
    if (!has(dnnl::cpu_isa::avx512_core_bf16)) return "the processor has neither avx512_bf16 nor amx_bf16";
    return "";
#else
    return "this program was built with libtorch " TORCH_VERSION ", and bfloat16 needs 1.13";
#endif
}

} // namespace

bool can_compute_in_bfloat16() { return obstacle().empty(); }

void require_bfloat16() {
    const std::string missing = obstacle();
    if (missing.empty()) return;
    throw Failure(CTorchCodePrecisionUnsupported, "The network cannot run in bfloat16: " + missing + ".");
}

} // namespace ctorch
