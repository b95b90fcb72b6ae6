// How a plan is compared with the network that it was made of.
#include "plan.hpp"
#include "status.hpp"

#include <ATen/ATen.h>

#include <cstdio>
#include <limits>

namespace ctorch {
namespace {

/// How far a plan's scores may lie from the network's own, and a branch's gradients from those of the whole suffix,
/// relative to the largest ones: folding, packing and other sizes round differently, wrong results are wrong by more.
///
/// Each rounding to bfloat16 is off by up to 1/512. On noise, as the probe is, trained networks come out 0.01 to 0.06
/// off, and one with random weights, whose boxes change, 0.3 (Benchmarks/RESULTS.md).
double tolerance_in(Precision precision) { return precision == Precision::bfloat16 ? 0.1 : 1e-3; }

/// The largest value of what is of one kind: of a detector's rows each attribute for itself, for coordinates are larger
/// than logits by far.
at::Tensor scale_of(const at::Tensor &scores) {
    const at::Tensor sizes = scores.abs();
    if (scores.dim() != 3) return sizes.max();
    const int64_t rows = scores.size(1) > scores.size(2) ? 1 : 2;
    return sizes.amax(rows, /*keepdim=*/true);
}

Failure too_far(double distance) {
    char text[200];
    std::snprintf(text, sizeof text,
                  "In bfloat16 the network's scores differ from those in float32 by %.3g %% of the largest; more than "
                  "%.3g %% are too many.",
                  100 * distance, 100 * tolerance_in(Precision::bfloat16));
    return Failure(CTorchCodePrecisionUnsupported, text);
}

} // namespace

Plan Plan::checked(const Network &network, const std::vector<size_t> &layers) {
    try {
        Plan plan(network, layers, Optimization::full);
        if (plan.distance_from(network.probe_scores) <= tolerance_in(Precision::float32)) {
            plan.try_gradients();
            plan.try_branches();
            return plan;
        }
    } catch (const std::exception &error) {
        if (is_out_of_memory(error)) throw;
        // An operator that the optimization does not suit; the plain plan says what is wrong if it is not that.
    }
    Plan plan(network, layers, Optimization::none);
    if (!(plan.distance_from(network.probe_scores) <= tolerance_in(Precision::float32))) {
        throw Failure(CTorchCodeUnsupportedModel,
                      "The network gives different results for the same image: it cannot be explained by parts.");
    }
    plan.try_gradients();
    plan.try_branches();
    return plan;
}

Plan Plan::in_bfloat16(const Network &network, const std::vector<size_t> &layers) {
    require_bfloat16();
    try {
        Plan plan(network, layers, Optimization::full, Precision::bfloat16);
        const double distance = plan.distance_from(network.probe_scores);
        if (!(distance <= tolerance_in(Precision::bfloat16))) throw too_far(distance);
        plan.try_gradients();
        plan.try_branches();
        return plan;
    } catch (const std::exception &error) {
        throw failure_of(error, CTorchCodePrecisionUnsupported, "The network cannot run in bfloat16");
    }
}

double Plan::distance_from(const at::Tensor &scores) const {
    const Pass pass = run(probe_image(probe_sizes_, 0));
    const at::Tensor own = score_count_ > 1 ? pass.logits() : pass.output();
    if (own.sizes() != scores.sizes()) return std::numeric_limits<double>::infinity();
    const at::Tensor expected = scores.to(at::kDouble).nan_to_num();
    const at::Tensor difference = (own.to(at::kDouble).nan_to_num() - expected).abs();
    if (expected.numel() == 0) return 0;
    // Zero of zero is none.
    return at::where(difference == 0, difference, difference / scale_of(expected)).max().item<double>();
}

void Plan::try_gradients() {
    for (size_t variant = 0; variant < probe_variants; ++variant) {
        const Pass pass = run(probe_image(probe_sizes_, variant));
        const std::vector<bool> flows = pass.gradients_flow();
        bool all_flow = true;
        for (size_t index = 0; index < flows.size(); ++index) {
            gradient_flows_[index] = gradient_flows_[index] || flows[index];
            all_flow = all_flow && gradient_flows_[index];
        }
        if (all_flow) return;
    }
}

void Plan::try_branches() {
    if (part_count_ == 0) return;
    const Pass pass = run(probe_image(probe_sizes_, 0));
    std::vector<Part> parts = *parts_;
    for (size_t index = 0; index < parts.size(); ++index) {
        if (!pass.agrees_with_branch(index, tolerance_in(precision_))) parts[index].branch.reset();
    }
    parts_ = std::make_shared<const std::vector<Part>>(std::move(parts));
}

} // namespace ctorch
